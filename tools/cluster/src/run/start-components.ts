import { readFileSync, rmSync } from 'node:fs';
import type { Clock } from '@aad-pod-identity/runtime';
import type { Component, Probe } from '../components/component.ts';
import type { Layout } from '../plan/layout.ts';
import { httpAsk } from './http-ask.ts';
import { launch } from './launch.ts';
import type { ClientTls } from './pki.ts';
import { isSameProcess } from './process-identity.ts';
import { readRecord, runningRecord } from './records.ts';

export interface StartContext {
  readonly layout: Layout;
  readonly clock: Clock;
  readonly tls: ClientTls;
  /** The command that runs a component where it belongs. */
  readonly enter: (component: Component) => readonly string[];
  readonly execute: (command: readonly string[]) => Promise<unknown>;
}

const PERIOD_MS = 50;
const TIMEOUT_MS = 120_000;

/**
 * Starts every component as soon as those before it are ready; the first that fails stops the wait for all the others.
 * @param startOne says whether it had to be started
 * @returns whether any had to; @throws the first failure
 */
export async function startComponents(
  components: readonly Component[],
  startOne: (component: Component, signal: AbortSignal) => Promise<boolean>,
  parent: AbortSignal,
): Promise<boolean> {
  const controller = new AbortController();
  const signal = AbortSignal.any([controller.signal, parent]);
  const ready = new Map<string, Promise<boolean>>();
  const start = async (component: Component): Promise<boolean> => {
    await Promise.all(component.after.flatMap((name) => ready.get(name) ?? []));
    signal.throwIfAborted();
    return startOne(component, signal);
  };
  for (const component of components) ready.set(component.name, start(component));
  try {
    return (await Promise.all(ready.values())).some((started) => started);
  } catch (error) {
    controller.abort(error);
    await Promise.allSettled(ready.values());
    throw error;
  }
}

/**
 * Starts a component unless it runs, and waits until it is ready.
 * @returns whether it had to be started; @throws an Error that names the component, its last words and its log
 */
export async function startComponent(
  component: Component,
  context: StartContext,
  signal: AbortSignal,
): Promise<boolean> {
  const { layout, enter, clock } = context;
  const { name } = component;
  const runs = runningRecord(layout.pids, name) !== undefined;
  const since = runs ? 0 : clock.now();
  if (!runs) {
    // an old record would look like a process that has ended at once
    rmSync(layout.pid(name), { force: true });
    await launch({ command: enter(component), record: layout.pid(name), log: layout.log(name) });
  }
  await untilReady(component, context, since, signal);
  for (const command of runs ? [] : (component.afterwards ?? [])) await context.execute(command);
  return !runs;
}

async function untilReady(
  { name, ready }: Component,
  context: StartContext,
  since: number,
  signal: AbortSignal,
): Promise<void> {
  const { layout, clock } = context;
  const deadline = clock.monotonic() + TIMEOUT_MS;
  for (;;) {
    // read once: a program that writes itself down between two looks would seem to have ended
    const record = readRecord(layout.pids, name);
    const isRunning = record !== undefined && isSameProcess(record);
    if (isRunning && (await allHold(ready, context, since))) return;
    if (record !== undefined && !isRunning) throw failure(`${name} ended`, layout, name);
    if (clock.monotonic() > deadline) throw failure(`${name} was not ready in ${TIMEOUT_MS / 1000} s`, layout, name);
    await clock.sleep(PERIOD_MS, signal);
  }
}

function failure(what: string, layout: Layout, name: string): Error {
  const lines = readFileSync(layout.log(name), 'utf8').trim().split('\n');
  return new Error(`${what}: ${lines.slice(-3).join(' | ')}; its log is ${layout.log(name)}`);
}

type ProbeContext = Pick<StartContext, 'tls' | 'execute'>;

/** @param since milliseconds since the epoch: older answers tell of an earlier run */
export async function allHold(probes: readonly Probe[], context: ProbeContext, since = 0): Promise<boolean> {
  const answers = await Promise.all(probes.map((probe) => holds(probe, context, since)));
  return answers.every((answer) => answer);
}

async function holds(probe: Probe, { tls, execute }: ProbeContext, since: number): Promise<boolean> {
  try {
    if (probe.kind === 'command') {
      await execute(probe.command);
      return true;
    }
    const { status, body } = await httpAsk(probe.url, { tls, socket: probe.socket });
    return status === 200 && (probe.holds?.(body, since) ?? true);
  } catch {
    return false;
  }
}
