import { existsSync } from 'node:fs';
import type { Clock } from '@aad-pod-identity/runtime';
import { networkOf } from '../node/network.ts';
import type { Layout } from '../plan/layout.ts';
import type { ClusterState } from '../plan/state.ts';
import { endNode, linkGone } from './node.ts';
import { bootId } from './process-identity.ts';
import { forgetRecords, readRecords, signalProcess, waitForEnd, type ProcessRecord } from './records.ts';
import { readState, wipe } from './store.ts';

const GRACE_MS = 3_000;

/**
 * Ends every recorded process that still is the one that was recorded, the node with all that is in it first.
 * @param signal SIGTERM where what they have stored is kept
 */
export async function endProcesses(layout: Layout, clock: Clock, signal: NodeJS.Signals): Promise<void> {
  if (!existsSync(layout.pids)) return;
  const state = readState(layout);
  if (isOfThisBoot(state)) {
    await endNode(layout, clock);
    await Promise.all(readRecords(layout.pids).map((record) => endProcess(record, clock, signal)));
    if (typeof state === 'object' && state.options.profile === 'node' && state.address !== '') {
      await linkGone(networkOf(state.address), clock);
    }
  }
  forgetRecords(layout.pids);
}

/** After a boot a recorded pid, even with its start time, may be anybody's. */
function isOfThisBoot(state: ClusterState | 'unreadable' | undefined): boolean {
  return typeof state !== 'object' || state.bootId === bootId();
}

async function endProcess(record: ProcessRecord, clock: Clock, signal: NodeJS.Signals): Promise<void> {
  signalProcess(record, signal);
  if (await waitForEnd(record, GRACE_MS, clock)) return;
  signalProcess(record, 'SIGKILL');
  if (!(await waitForEnd(record, GRACE_MS, clock)))
    throw new Error(`${record.name}, process ${record.pid}, does not end`);
}

/** Ends the cluster and removes all that it has written. */
export async function removeCluster(layout: Layout, clock: Clock): Promise<void> {
  await endProcesses(layout, clock, 'SIGKILL');
  wipe(layout);
}
