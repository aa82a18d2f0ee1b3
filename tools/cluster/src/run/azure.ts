import { existsSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { createRunCa } from '@aad-pod-identity/testing';
import type { Clock } from '@aad-pod-identity/runtime';
import { azureCommands, hasLink, linkCommand, nodeCommands, unlinkCommand } from '../azure/addresses.ts';
import { CA_FILE, clusterObjects } from '../azure/cluster-objects.ts';
import { CLOUD_CONFIG, DEFAULT_STATE } from '../azure/world.ts';
import { enterCommand } from '../node/namespaces.ts';
import type { ClusterPlan } from '../plan/cluster-plan.ts';
import type { Layout } from '../plan/layout.ts';
import { must } from './execute.ts';
import { launch } from './launch.ts';
import { poll } from './poll.ts';
import { runningRecord, signalProcess, waitForEnd } from './records.ts';

/** The process that holds Azure's network namespace; neither it nor Azure's program ends with the node. */
export const AZURE_HOLDER = 'azure-network';
export const isOfAzure = (name: string) => name === AZURE_HOLDER || name === 'azure';

export function inAzure(layout: Layout, command: readonly string[]): string[] {
  const holder = runningRecord(layout.pids, AZURE_HOLDER);
  if (holder === undefined) throw new Error(`the simulated Azure has no network; its cluster is in ${layout.root}`);
  return ['nsenter', '-t', String(holder.pid), '-n', '--', ...command];
}

/** Files that the simulated Azure and the node read of each other. */
export function writeAzureFiles({ layout, options }: ClusterPlan): void {
  if (!existsSync(layout.pki('azure-ca.crt'))) {
    const { certPem, keyPem } = createRunCa();
    writeFileSync(layout.pki('azure-ca.key'), keyPem, { mode: 0o600 });
    writeFileSync(layout.pki('azure-ca.crt'), certPem);
  }
  const given = (file: string, otherwise: object) =>
    file === '' ? `${JSON.stringify(otherwise, undefined, 2)}\n` : readFileSync(file, 'utf8');
  writeFileSync(layout.config('azure-state.json'), given(options.azureState, DEFAULT_STATE), { mode: 0o600 });
  writeFileSync(layout.config('azure.json'), given(options.cloudConfig, CLOUD_CONFIG), { mode: 0o600 });
  writeFileSync(layout.config('azure-objects.json'), JSON.stringify(clusterObjects(options.kubernetes), undefined, 2));
}

/** Makes sure that Azure's namespace is there, linked to the node, and that the node has what Azure puts on machines. */
export async function ensureAzure({ layout, programs }: ClusterPlan, init: number, clock: Clock): Promise<void> {
  await ensureHolder(layout, programs.pause ?? '', clock);
  const holder = runningRecord(layout.pids, AZURE_HOLDER);
  if (holder === undefined) throw new Error(`${AZURE_HOLDER} ended; its log is ${layout.log(AZURE_HOLDER)}`);
  const isLinked = hasLink(readFileSync(`/proc/${init}/net/dev`, 'utf8'));
  // the last thing that is put there: without it the rest may have been interrupted
  if (isLinked && existsSync(`/proc/${init}/root${CA_FILE}`)) return;
  if (isLinked) await must(enterCommand(init, unlinkCommand()));
  await must(linkCommand(init, holder.pid));
  for (const command of nodeCommands()) await must(enterCommand(init, command));
  for (const command of azureCommands()) await must(inAzure(layout, command));
  const put = (from: string, to: string) => enterCommand(init, ['install', '-D', '-m', '644', from, to]);
  await must(put(layout.config('azure.json'), '/etc/kubernetes/azure.json'));
  await must(put(layout.pki('azure-ca.crt'), CA_FILE));
}

async function ensureHolder(layout: Layout, pause: string, clock: Clock): Promise<void> {
  if (runningRecord(layout.pids, AZURE_HOLDER) !== undefined) return;
  // its program would go on in a namespace that nothing leads to any more
  const program = runningRecord(layout.pids, 'azure');
  if (program !== undefined) {
    signalProcess(program, 'SIGKILL');
    await waitForEnd(program, 5_000, clock);
  }
  const record = layout.pid(AZURE_HOLDER);
  rmSync(record, { force: true });
  await launch({ command: ['unshare', '--net', pause], record, log: layout.log(AZURE_HOLDER) });
  await poll(clock, 5_000, () => hasOwnNetwork(layout) || undefined).catch(() => {
    throw new Error(`Azure's namespace could not be made; its log is ${layout.log(AZURE_HOLDER)}`);
  });
}

/** Until it has made its own, `unshare` is in this machine's, where nothing may be changed. */
function hasOwnNetwork(layout: Layout): boolean {
  const pid = runningRecord(layout.pids, AZURE_HOLDER)?.pid;
  return pid !== undefined && readlinkSync(`/proc/${pid}/ns/net`) !== readlinkSync('/proc/self/ns/net');
}
