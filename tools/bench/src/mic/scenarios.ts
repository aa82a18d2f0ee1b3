import { azureAssignedIdentities } from '@aad-pod-identity/kube';
import { systemClock } from '@aad-pod-identity/runtime';
import { percentile } from '../nmi/load.ts';
import { cpuMs, rss } from '../nmi/usage.ts';
import { peakRss } from '../memory.ts';
import type { Filled, Size } from './fill.ts';
import type { Mic } from './program.ts';
import type { ArmCounts } from './protocol.ts';
import { inParallel, type World } from './world.ts';

/** What was measured, and its figure as it is printed. */
export type Row = readonly [what: string, figure: string];

export interface Stage {
  readonly world: World;
  readonly filled: Filled;
  readonly size: Size;
  readonly startMic: () => Mic;
}

const MIB = 2 ** 20;
const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
const now = (): number => systemClock.monotonic();

async function counts({ azure }: World): Promise<ArmCounts> {
  return (await azure.tell('counts', {})) as ArmCounts;
}

const armText = ({ reads, writes, polls }: ArmCounts): string =>
  `${writes} writes, ${reads} reads, ${polls} polls of ARM`;

const CALL = { namespace: 'default' };

/** A record like MIC's, with the copies of what it stands for. */
function bareRecord(name: string): object {
  const copy = (kind: string, spec: object): object => ({
    ...{ apiVersion: 'aadpodidentity.k8s.io/v1', kind, spec },
    metadata: { name: 'identity-0', namespace: 'default', uid: name, resourceVersion: '1' },
  });
  const id = '/subscriptions/s/resourcegroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/identity-0';
  const identity = { type: 0, resourceID: id, clientID: '00000000-0000-4000-8000-000000000000' };
  const binding = { azureIdentity: 'identity-0', selector: 'identity-0' };
  return {
    ...{ apiVersion: 'aadpodidentity.k8s.io/v1', kind: 'AzureAssignedIdentity' },
    metadata: { ...CALL, name, labels: { nodename: 'none' } },
    spec: {
      azureIdentityRef: copy('AzureIdentity', identity),
      azureBindingRef: copy('AzureIdentityBinding', binding),
      ...{ pod: name, podNamespace: 'none', nodename: 'none', replicas: 1 },
    },
    status: { status: 'Created', availableReplicas: 1 },
  };
}

/**
 * How many writes of records a bare client makes in a second: the same objects as MIC's, each created and then patched, as
 * many at once as MIC may, and nothing else to do.
 */
export async function bareWriteRate({ client }: World, count = 1_000): Promise<number> {
  const name = (nth: number): string => `bare-${nth}`;
  const patch = { metadata: { managedFields: [{}] }, status: { status: 'Assigned' } };
  const startedAt = now();
  await inParallel(count, 100, async (nth) => {
    await client.create(azureAssignedIdentities, CALL, bareRecord(name(nth)));
    await client.patch(azureAssignedIdentities, { ...CALL, name: name(nth) }, patch, { type: 'merge' });
  });
  const rate = (2 * count) / ((now() - startedAt) / 1000);
  await inParallel(count, 100, (nth) => client.delete(azureAssignedIdentities, { ...CALL, name: name(nth) }));
  return rate;
}

export async function firstSync(stage: Stage): Promise<{ mic: Mic; rows: Row[] }> {
  const { world, size, startMic } = stage;
  const rate = await bareWriteRate(world);
  await world.untilRecords(0);
  await counts(world);
  world.changes = 0;
  const startedAt = now();
  const mic = startMic();
  await mic.leads();
  const ledAt = now();
  await world.untilAssigned(size.pods);
  const tookMs = now() - startedAt;
  const perSecond = world.changes / ((now() - ledAt) / 1000);
  const share = `${Math.round((perSecond / rate) * 100)} %`;
  return {
    mic,
    rows: [
      ['first sync, from the start of the process', seconds(tookMs)],
      [
        '  writes of records',
        `${world.changes}, ${Math.round(perSecond)}/s, ${share} of a bare client’s ${Math.round(rate)}/s`,
      ],
      ['  Azure', armText(await counts(world))],
      ['  processor', seconds(cpuMs(mic.pid))],
      ['  memory', `${Math.round(rss(mic.pid) / MIB)} MiB, peak ${Math.round(peakRss(mic.pid) / MIB)} MiB`],
    ],
  };
}

/** Pods one after another; gives the times from the pod's creation to its record being seen Assigned. */
async function bindTimes({ world, filled }: Stage, name: string, count: number, label: (nth: number) => string) {
  const times: number[] = [];
  for (let nth = 0; nth < count; nth++) {
    const pod = `${name}-${nth}`;
    const startedAt = now();
    await world.pod(pod, filled.nodeOf(nth), label(nth));
    times.push((await world.assigned(pod, label(nth))) - startedAt);
  }
  return times;
}

const spread = (times: readonly number[]): string =>
  `median ${percentile(times, 0.5).toFixed(0)} ms, p95 ${percentile(times, 0.95).toFixed(0)} ms, ` +
  `worst ${Math.max(...times).toFixed(0)} ms`;

/** A new identity for each pod, so that each needs a write to ARM. */
export async function bindNew(stage: Stage, armMs: number, count: number): Promise<Row> {
  const name = `new-${armMs}`;
  for (let nth = 0; nth < count; nth++) await stage.world.identity(`${name}-id-${nth}`);
  await stage.world.azure.tell('armMs', { ms: armMs });
  const times = await bindTimes(stage, name, count, (nth) => `${name}-id-${nth}`);
  await stage.world.azure.tell('armMs', { ms: 0 });
  return [`pod to Assigned, ARM takes ${armMs / 1000} s, ${count} in turn`, spread(times)];
}

/** The identities are on the scale sets already. */
export async function bindKnown(stage: Stage, count: number): Promise<Row> {
  await counts(stage.world);
  const times = await bindTimes(stage, 'known', count, stage.filled.labelOf);
  return ['pod to Assigned, identity is there', `${spread(times)}; ${armText(await counts(stage.world))}`];
}

export async function steady({ world }: Stage, mic: Mic, ms: number): Promise<Row> {
  await counts(world);
  const [changes, cpu] = [world.changes, cpuMs(mic.pid)];
  await systemClock.sleep(ms);
  const share = (((cpuMs(mic.pid) - cpu) / ms) * 100).toFixed(2);
  const figure = `${share} % of a core, ${world.changes - changes} writes of records, ${armText(await counts(world))}`;
  return [`steady for ${ms / 1000} s`, figure];
}

/** Pods come and go at `perSecond`; the lag is from a pod's creation to Assigned. */
export async function churn({ world, filled }: Stage, mic: Mic, perSecond: number, ms: number): Promise<Row[]> {
  const count = (perSecond * ms) / 1000;
  const [startedAt, cpu, before] = [now(), cpuMs(mic.pid), rss(mic.pid)];
  const lags: Promise<number>[] = [];
  const work: Promise<unknown>[] = [];
  for (let nth = 0; nth < count; nth++) {
    const early = startedAt + (nth * 1000) / perSecond - now();
    if (early > 0) await systemClock.sleep(early);
    const name = `churn-${nth}`;
    const createdAt = now();
    const lag = world.pod(name, filled.nodeOf(nth), filled.labelOf(nth)).then(async () => {
      return (await world.assigned(name, filled.labelOf(nth))) - createdAt;
    });
    lags.push(lag);
    work.push(lag.then(() => world.deletePod(name)));
  }
  await Promise.all(work);
  const tookMs = now() - startedAt;
  const core = Math.round(((cpuMs(mic.pid) - cpu) / tookMs) * 100);
  const grown = Math.round((rss(mic.pid) - before) / MIB);
  return [
    [
      `${perSecond} pods/s created and deleted for ${Math.round(tookMs / 1000)} s, lag`,
      spread(await Promise.all(lags)),
    ],
    ['  cost', `${core} % of a core, memory ${grown >= 0 ? '+' : ''}${grown} MiB`],
  ];
}

/** What one more pod costs in a cluster of this size. */
export async function eventCost(stage: Stage, mic: Mic, count: number): Promise<Row> {
  const cpu = cpuMs(mic.pid);
  const times = await bindTimes(stage, 'event', count, stage.filled.labelOf);
  const each = (cpuMs(mic.pid) - cpu) / count;
  return [`one pod at ${stage.size.pods} pods`, `${spread(times)}; ${each.toFixed(1)} ms of processor`];
}

/** Twenty identities for one scale set, three of them bad. */
export async function badIdentities(
  { world, filled }: Stage,
  how: 'missing' | 'forbidden',
  watchMs: number,
): Promise<Row> {
  const name = `bad-${how}`;
  const ids: string[] = [];
  for (let nth = 0; nth < 20; nth++) ids.push(await world.identity(`${name}-${nth}`));
  for (const identity of ids.slice(0, 3)) await world.azure.tell('break', { identity, how });
  await counts(world);
  const startedAt = now();
  await inParallel(20, 20, (nth) => world.pod(`${name}-pod-${nth}`, filled.nodeOf(0), `${name}-${nth}`));
  const good = Array.from({ length: 17 }, (_, nth) => world.assigned(`${name}-pod-${nth + 3}`, `${name}-${nth + 3}`));
  const last = Math.max(...(await Promise.all(good)));
  await systemClock.sleep(Math.max(0, startedAt + watchMs - now()));
  const writes = (await counts(world)).writes;
  return [
    `20 identities, 3 ${how}: the 17 good ones`,
    `${seconds(last - startedAt)}; ${writes} writes of ARM in ${watchMs / 1000} s`,
  ];
}

/** Something is wrong with the first scale set; a new identity is wanted on it and on another one. */
export async function besides({ world }: Stage, what: string, harm: () => Promise<unknown>): Promise<Row> {
  const name = `beside-${what.replaceAll(' ', '-')}`;
  await world.identity(name);
  await harm();
  await world.pod(`${name}-held`, 'set-0-0', name);
  const startedAt = now();
  await world.pod(`${name}-free`, 'set-1-0', name);
  const tookMs = (await world.assigned(`${name}-free`, name)) - startedAt;
  await world.azure.tell('reset', {});
  return [`one scale set ${what}: another one`, `${tookMs.toFixed(0)} ms`];
}

/** A standby stands by; from the end of the leader to the next pod's Assigned. */
export async function handOver(stage: Stage, mic: Mic, how: 'stop' | 'kill'): Promise<{ next: Mic; row: Row }> {
  const next = stage.startMic();
  await systemClock.sleep(3_000);
  const startedAt = now();
  const ended = how === 'stop' ? mic.stop() : mic.kill();
  await next.leads();
  const ledAt = now();
  const [time] = await bindTimes(stage, `after-${how}`, 1, stage.filled.labelOf);
  await ended;
  const what = how === 'stop' ? 'hand-over after SIGTERM' : 'takeover after SIGKILL';
  const figure = `${seconds(ledAt - startedAt)} until the standby leads, then ${time?.toFixed(0) ?? ''} ms to a pod’s Assigned`;
  return { next, row: [what, figure] };
}
