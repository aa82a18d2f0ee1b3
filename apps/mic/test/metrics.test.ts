import { readFileSync } from 'node:fs';
import type { Target } from '@aad-pod-identity/azure-arm';
import { createMetrics } from '@aad-pod-identity/telemetry';
import { Fullness } from '../src/fullness.ts';
import { createMeters } from '../src/metrics.ts';
import { REASON_NAMES } from '../src/plan/reasons.ts';
import { type State, stateMetrics } from '../src/state-metrics.ts';
import { fakeClock } from '@aad-pod-identity/testing';

interface Declared {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly labelNames: readonly string[];
}

function world(state?: State) {
  const metrics = createMetrics({ processMetrics: false });
  const clock = fakeClock();
  const fullness = new Fullness(clock);
  const meters = createMeters(metrics, clock, fullness);
  stateMetrics(metrics, () => state, { pods: () => 2, bindings: () => 1 }, fullness);
  const declared = metrics.registry.getMetricsAsArray() as unknown as Declared[];
  return { clock, metrics, meters, declared };
}

const scaleSet = (name: string): Target => ({ kind: 'vmss', subscriptionId: 'sub', resourceGroup: 'Group', name });

const page = readFileSync(new URL('../../../docs/metrics.md', import.meta.url), 'utf8');
const rows = page
  .slice(0, page.indexOf('\n## NMI\n'))
  .split('\n')
  .filter((line) => line.startsWith('| `aadpodidentity_'))
  .map((line) => line.split('|').map((cell) => cell.trim()));

describe('docs/metrics.md', () => {
  it('names each metric of MIC, with its type, labels and meaning, and no other', () => {
    const said = rows.map(([, name = '', type = '', labels = '', help = '']) => [name, type, labels, help]);
    const declared = world().declared.map(({ name, type, labelNames, help }) => [
      `\`${name}\``,
      type,
      labelNames.map((label) => `\`${label}\``).join(', '),
      help,
    ]);
    expect(said.sort()).toEqual(declared.sort());
  });

  it('names each reason', () => {
    for (const reason of REASON_NAMES) expect(page).toContain(`| ${reason} `);
  });
});

/** reference: names, types and labels of 1.8.17. */
it.each([
  ['assigned_identity_addition_duration_seconds', 'histogram', []],
  ['assigned_identity_addition_count', 'counter', []],
  ['assigned_identity_deletion_duration_seconds', 'histogram', []],
  ['assigned_identity_deletion_count', 'counter', []],
  ['assigned_identity_update_duration_seconds', 'histogram', []],
  ['assigned_identity_update_count', 'counter', []],
  ['mic_cycle_duration_seconds', 'histogram', []],
  ['mic_cycle_count', 'counter', []],
  ['mic_new_leader_election_count', 'counter', []],
  ['cloud_provider_operations_errors_count', 'counter', ['operation_type']],
  ['cloud_provider_operations_duration_seconds', 'histogram', ['operation_type']],
  ['kubernetes_api_operations_errors_count', 'counter', ['operation_type']],
])('%s of 1.8.17 is a %s with the labels %j', (name, type, labels) => {
  const found = world().declared.find((metric) => metric.name === `aadpodidentity_${name}`);
  expect([found?.type, found?.labelNames]).toEqual([type, labels]);
});

it('a cycle has the buckets of 1.8.17', async () => {
  const { meters, metrics } = world();
  meters.cycle(700);
  const bounds = [...(await metrics.render()).matchAll(/mic_cycle_duration_seconds_bucket\{le="([^"]+)"\}/g)];
  expect(bounds.map(([, bound]) => bound)).toEqual([
    '0.5',
    '1',
    '5',
    '10',
    '30',
    '60',
    '120',
    '300',
    '600',
    '900',
    '1200',
    '+Inf',
  ]);
});

const series = async (state?: State): Promise<string[]> =>
  (await world(state).metrics.render()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
const named = (text: string): string => text.replace(/ [^ ]*$/, '');

it('which series there are does not depend on what happens: labels are bounded', async () => {
  const { meters, metrics } = world();
  const before = await series();
  meters.throttled('vmss_update', 'subscription');
  meters.identities(scaleSet('pool'), 154);
  meters.assigned(12);
  await meters.cloud('vm_get', () => Promise.resolve());
  await expect(
    meters.kubernetes('assigned_identity_addition', () => Promise.reject(new Error('no'))),
  ).rejects.toThrow();
  const after = (await metrics.render()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const isTime = (line: string): boolean => line.includes('cloud_provider_operations_duration_seconds');
  expect(after.map(named).filter((line) => !isTime(line))).toEqual(before.map(named));
});

const LEADS: State = {
  queues: { records: () => 3, azure: () => 4, status: () => 5 },
  nmiPods: () => 6,
  pauses: (operation, scope) => (operation === 'write' && scope === 'subscription' ? 2 : 0),
};

it('who does not lead has nothing waiting, and who leads shows what does', async () => {
  expect(await series()).toContain('aadpodidentity_mic_queue_depth{queue="azure"} 0');
  expect(await series(LEADS)).toEqual(
    expect.arrayContaining([
      'aadpodidentity_mic_queue_depth{queue="records"} 3',
      'aadpodidentity_mic_queue_depth{queue="azure"} 4',
      'aadpodidentity_mic_nmi_pods 6',
      'aadpodidentity_mic_arm_pauses{operation="write",scope="subscription"} 2',
      'aadpodidentity_mic_arm_pauses{operation="read",scope="resource"} 0',
      'aadpodidentity_mic_pods_without_identity{reason="NodeWithoutNMI"} 2',
      'aadpodidentity_mic_bindings_without_effect{reason="SelectorMatchesNothing"} 1',
    ]),
  );
});

describe('the identities of a VM or scale set', () => {
  const shown = async ({ metrics }: ReturnType<typeof world>): Promise<string[]> =>
    [
      ...(await metrics.render()).matchAll(/mic_resource_identities\{resource_group="group",resource="(.*)"\} (\d+)/g),
    ].map(([, name = '', count = '']) => `${name} ${count}`);

  it('are shown as they were last seen, whatever the case of their name', async () => {
    const leader = world(LEADS);
    leader.meters.identities(scaleSet('pool'), 3);
    leader.meters.identities(scaleSet('POOL'), 2);
    expect(await shown(leader)).toEqual(['pool 2']);
  });

  it('are shown of the 20 that have most', async () => {
    const leader = world(LEADS);
    for (let count = 0; count < 1_000; count++) leader.meters.identities(scaleSet(`vm-${count}`), count);
    const lines = await shown(leader);
    expect([lines.length, lines[0], lines.at(-1)]).toEqual([20, 'vm-999 999', 'vm-980 980']);
  });

  it('are forgotten when ARM knows it no more, or nobody has looked at it for an hour', async () => {
    const leader = world(LEADS);
    for (const name of ['gone', 'left']) leader.meters.identities(scaleSet(name), 1);
    leader.meters.gone(scaleSet('gone'));
    expect(await shown(leader)).toEqual(['left 1']);
    await leader.clock.advance(3_600_001);
    expect(await shown(leader)).toEqual([]);
  });

  it('are not shown by who does not lead', async () => {
    const standby = world();
    standby.meters.identities(scaleSet('pool'), 3);
    expect(await shown(standby)).toEqual([]);
  });
});
