import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { dirname, join } from 'node:path';
import type { Clock } from '@aad-pod-identity/runtime';
import { createCgroups, removeCgroups } from '../node/cgroups.ts';
import { enterCommand, holderCommand, nodeFolders, setupCommands } from '../node/namespaces.ts';
import { freeNetworks, hostCommands, linkCommand, networkOf, nodeCommands, type NodeNetwork } from '../node/network.ts';
import type { Layout } from '../plan/layout.ts';
import { NODE_NAME } from '../plan/cluster-plan.ts';
import { isOfAzure } from './azure.ts';
import { execute, must } from './execute.ts';
import { cgroupName } from './store.ts';
import { launch } from './launch.ts';
import { poll } from './poll.ts';
import { onlyChild, readRecord, readRecords, runningRecord, signalProcess, waitForEnd } from './records.ts';

export const HOLDER = 'node';
const LINKS = '/sys/class/net';

/** Pid of the node's first process, as this machine sees it; undefined while the node is down. */
export function initPid({ pids }: Layout): number | undefined {
  const holder = runningRecord(pids, HOLDER);
  return holder === undefined ? undefined : onlyChild(holder.pid);
}

/** @throws an Error if the node is down */
export function inNode(layout: Layout, command: readonly string[]): string[] {
  const init = initPid(layout);
  if (init === undefined) throw new Error(`the node is down; the state of its cluster is in ${layout.root}`);
  return enterCommand(init, command);
}

/** Written when the namespaces are complete: holder and marker name the same process. */
const marker = ({ node }: Layout) => join(node, 'complete');

function isComplete(layout: Layout): boolean {
  const holder = runningRecord(layout.pids, HOLDER);
  const file = marker(layout);
  return holder !== undefined && existsSync(file) && readFileSync(file, 'utf8') === holder.startTime;
}

/**
 * Makes sure that the node's namespaces and its link are there; a node whose making was interrupted is made anew.
 * @param address the node's, if it has had one; @returns the one that it has
 */
export async function ensureNode(
  layout: Layout,
  pause: string,
  address: string | undefined,
  clock: Clock,
): Promise<string> {
  if (address !== undefined && isComplete(layout)) return address;
  await endNode(layout, clock);
  createCgroups(cgroupName(layout));
  const init = await startHolder(layout, pause, clock);
  const folders = nodeFolders(layout.node);
  prepareFolders(folders);
  for (const command of setupCommands(NODE_NAME, folders)) await must(enterCommand(init, command));
  const network = await link(address, init, clock);
  for (const command of hostCommands(network)) await must(command);
  for (const command of nodeCommands(network)) await must(enterCommand(init, command));
  writeFileSync(marker(layout), readRecord(layout.pids, HOLDER)?.startTime ?? '');
  return network.nodeAddress;
}

/**
 * Ends every process of the node at once, as a loss of power would; what it has stored stays. Its control groups go:
 * kubelet would take those of an earlier run for containers, and look for these in vain for half a minute.
 */
export async function endNode(layout: Layout, clock: Clock): Promise<void> {
  rmSync(marker(layout), { force: true });
  const holder = runningRecord(layout.pids, HOLDER);
  if (holder !== undefined) {
    const records = readRecords(layout.pids).filter(({ name }) => !isOfAzure(name));
    signalProcess(holder, 'SIGKILL');
    const ends = await Promise.all(records.map((record) => waitForEnd(record, 10_000, clock)));
    if (ends.includes(false)) throw new Error(`processes of the node whose first is ${holder.pid} do not end`);
  }
  await removeCgroups(cgroupName(layout), clock);
}

function prepareFolders({ kept, sysctls }: ReturnType<typeof nodeFolders>): void {
  for (const folder of Object.values(kept)) mkdirSync(folder, { recursive: true });
  for (const { file, value } of Object.values(sysctls)) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${value}\n`);
  }
}

async function startHolder(layout: Layout, pause: string, clock: Clock): Promise<number> {
  const [record, log] = [layout.pid(HOLDER), layout.log(HOLDER)];
  rmSync(record, { force: true });
  await launch({ command: holderCommand(pause), record, log });
  return poll(clock, 5_000, () => {
    const init = initPid(layout);
    return init !== undefined && programOf(init) === pause ? init : undefined;
  }).catch(() => {
    throw new Error(`the node's namespaces could not be made: ${readFileSync(log, 'utf8').trim()}`);
  });
}

function programOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return undefined;
  }
}

async function link(address: string | undefined, init: number, clock: Clock): Promise<NodeNetwork> {
  if (address !== undefined) return linkAgain(networkOf(address), init, clock);
  const used = Object.values(networkInterfaces()).flatMap((entries) => (entries ?? []).map((entry) => entry.address));
  for (const network of freeNetworks(readdirSync(LINKS), used)) {
    const { code, stderr } = await execute(linkCommand(network, init));
    if (code === 0) return network;
    if (!stderr.includes('File exists')) throw new Error(`the node's link could not be made: ${stderr.trim()}`);
  }
  throw new Error('every network of 10.200.0.0/16 is in use on this machine');
}

/** The certificates hold for the old address, so that it is taken again; the kernel may still be clearing the old link. */
async function linkAgain(network: NodeNetwork, init: number, clock: Clock): Promise<NodeNetwork> {
  await linkGone(network, clock);
  await must(linkCommand(network, init));
  return network;
}

/**
 * It goes with the node's namespace, which the kernel keeps for as long as a connection in it dies away: minutes, where
 * programs were killed while they talked. Then it is taken away by hand.
 */
export async function linkGone({ hostInterface }: NodeNetwork, clock: Clock): Promise<void> {
  const isGone = () => (existsSync(join(LINKS, hostInterface)) ? undefined : true);
  await poll(clock, 2_000, isGone).catch(() => execute(['ip', 'link', 'delete', hostInterface]));
  await poll(clock, 8_000, isGone).catch(() => {
    throw new Error(`the link ${hostInterface} stays, and cannot be deleted`);
  });
}
