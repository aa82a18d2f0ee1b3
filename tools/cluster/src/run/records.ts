import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '@aad-pod-identity/runtime';
import { isSameProcess, parseStat, readStat, type ProcessIdentity } from './process-identity.ts';

/**
 * A process that was started, as it wrote itself down before it became its program: so there is no moment at which it
 * runs unrecorded, even if whoever started it is killed.
 */
export interface ProcessRecord extends ProcessIdentity {
  readonly name: string;
}

export function readRecord(pids: string, name: string): ProcessRecord | undefined {
  const file = join(pids, name);
  const stat = existsSync(file) ? parseStat(readFileSync(file, 'utf8')) : undefined;
  return stat === undefined ? undefined : { name, pid: stat.pid, startTime: stat.startTime };
}

export function readRecords(pids: string): ProcessRecord[] {
  if (!existsSync(pids)) return [];
  return readdirSync(pids).flatMap((name) => readRecord(pids, name) ?? []);
}

/** The record of a process that still runs. */
export function runningRecord(pids: string, name: string): ProcessRecord | undefined {
  const record = readRecord(pids, name);
  return record !== undefined && isSameProcess(record) ? record : undefined;
}

export function forgetRecords(pids: string): void {
  rmSync(pids, { recursive: true, force: true });
}

/** The child of `pid`, which is the program itself where `pid` only entered its namespaces. */
export function onlyChild(pid: number): number | undefined {
  try {
    const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
    return child === undefined || child === '' ? undefined : Number(child);
  } catch {
    return undefined;
  }
}

const CHECK_MS = 20;

/** Sends `signal` to a recorded process, if it is still that one. */
export function signalProcess(record: ProcessIdentity, signal: NodeJS.Signals): void {
  if (!isSameProcess(record)) return;
  try {
    process.kill(record.pid, signal);
  } catch {
    // it has ended in between
  }
}

/** @returns whether it has ended within `ms` */
export async function waitForEnd(record: ProcessIdentity, ms: number, clock: Clock): Promise<boolean> {
  const deadline = clock.monotonic() + ms;
  while (isSameProcess(record)) {
    if (clock.monotonic() > deadline) return false;
    await clock.sleep(CHECK_MS);
  }
  return true;
}

/** The process itself, or the program that it holds in the node's namespaces. */
export function programPid(record: ProcessRecord, inNode: boolean): number | undefined {
  if (!isSameProcess(record)) return undefined;
  const stat = readStat(inNode ? (onlyChild(record.pid) ?? record.pid) : record.pid);
  return stat === undefined || stat.state === 'Z' ? undefined : stat.pid;
}
