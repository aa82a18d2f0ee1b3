import { systemClock } from '@aad-pod-identity/runtime';
import { silentLogger } from '@aad-pod-identity/telemetry';
import { fakeClock } from '@aad-pod-identity/testing';
import { startKubernetesSimulator, type KubernetesSimulator } from '@aad-pod-identity/testing/kubernetes';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createEventRecorder, type EventInput, type KubeClient } from '../src/index.ts';

interface RecordedEvent {
  metadata: { name: string };
  count: number;
  reason: string;
  message: string;
  type: string;
  involvedObject: object;
  source: object;
  firstTimestamp: string;
  lastTimestamp: string;
}

const folder = mkdtempSync(join(tmpdir(), 'events-'));
let simulator: KubernetesSimulator;
let client: KubeClient;

beforeEach(async () => {
  simulator = await startKubernetesSimulator();
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, simulator.kubeconfig());
  client = await connect({ kubeconfig, env: {}, clock: systemClock, logger: silentLogger, userAgent: 'test' });
});

afterEach(async () => {
  await client.close();
  await simulator.close();
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

const recorder = (clock = fakeClock()) =>
  createEventRecorder({ client, component: 'aadpodidentity.k8s.io', clock, logger: silentLogger, instance: 'host-1' });

const about = (name: string, more: Partial<EventInput> = {}): EventInput => ({
  regarding: { apiVersion: 'v1', kind: 'Pod', namespace: 'default', name, uid: `uid-${name}` },
  type: 'Normal',
  reason: 'binding applied',
  message: 'it is bound',
  ...more,
});

const written = (namespace = 'default') => simulator.state.list('v1', 'Event', namespace) as unknown as RecordedEvent[];

it('an event is written as kubectl describe shows it', async () => {
  const events = recorder(fakeClock({ now: Date.parse('2026-01-25T09:55:08Z') }));
  events.record(about('demo', { type: 'Warning' }));
  await events.flush();
  expect(written()).toEqual([
    expect.objectContaining({
      involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace: 'default', name: 'demo', uid: 'uid-demo' },
      type: 'Warning',
      reason: 'binding applied',
      message: 'it is bound',
      count: 1,
      source: { component: 'aadpodidentity.k8s.io', host: 'host-1' },
      firstTimestamp: '2026-01-25T09:55:08Z',
      lastTimestamp: '2026-01-25T09:55:08Z',
    }),
  ]);
});

it('what happens again raises the count of its event', async () => {
  const clock = fakeClock();
  const events = recorder(clock);
  for (let times = 0; times < 3; times++) {
    events.record(about('demo'));
    await events.flush();
    await clock.advance(1_000);
  }
  expect(written().map(({ count }) => count)).toEqual([3]);
});

it('many at once need few writes', async () => {
  const events = recorder();
  for (let times = 0; times < 20; times++) events.record(about('demo'));
  await events.flush();
  expect(written().map(({ count }) => count)).toEqual([20]);
  expect(simulator.requests.filter(({ path }) => path.includes('/events')).length).toBeLessThanOrEqual(2);
});

const different: Record<string, EventInput> = {
  'another object': about('other'),
  'another reason': about('demo', { reason: 'binding removed' }),
  'another message': about('demo', { message: 'it is unbound' }),
  'another type': about('demo', { type: 'Warning' }),
};

it.each(Object.entries(different))('%s is another event', async (_sentence, event) => {
  const events = recorder();
  events.record(about('demo'));
  events.record(event);
  await events.flush();
  expect(written()).toHaveLength(2);
});

it('an object in trouble may say so 25 times, and later again', async () => {
  const clock = fakeClock();
  const events = recorder(clock);
  const say = async (times: number) => {
    for (let count = 0; count < times; count++)
      events.record(about('demo', { message: `failure ${clock.now()}-${count}` }));
    await events.flush();
  };
  await say(100);
  expect(written()).toHaveLength(25);
  await clock.advance(5 * 60_000);
  await say(100);
  expect(written()).toHaveLength(26);
});

it('a warning is written also where very much has gone well', async () => {
  const events = recorder();
  for (let index = 0; index < 300; index++) events.record(about(`web-${index}`));
  events.record(about('bad', { type: 'Warning' }));
  await events.flush();
  expect(written().filter(({ type }) => type === 'Warning')).toHaveLength(1);
});

it('a whole cluster in trouble costs no more than 200 writes at once', async () => {
  const events = recorder();
  for (let count = 0; count < 1_000; count++) events.record(about(`pod-${count}`));
  await events.flush();
  expect(written()).toHaveLength(200);
});

it('a series that was quiet for ten minutes begins anew', async () => {
  const clock = fakeClock();
  const events = recorder(clock);
  events.record(about('demo'));
  await events.flush();
  await clock.advance(10 * 60_000);
  events.record(about('demo'));
  await events.flush();
  expect(written().map(({ count }) => count)).toEqual([1, 1]);
});

it('an event that the API has forgotten is written again', async () => {
  const events = recorder();
  events.record(about('demo'));
  await events.flush();
  for (const { metadata } of written()) simulator.state.delete('v1', 'Event', 'default', metadata.name);
  events.record(about('demo'));
  await events.flush();
  expect(written().map(({ count }) => count)).toEqual([2]);
});

it('an event about a cluster-scoped object goes to the namespace default', async () => {
  const events = recorder();
  events.record(about('n', { regarding: { apiVersion: 'v1', kind: 'Node', namespace: '', name: 'n', uid: 'u' } }));
  await events.flush();
  expect(written('default')).toHaveLength(1);
});

const failures: Record<string, Parameters<KubernetesSimulator['faults']['add']>[0]['action']> = {
  'a 500': { kind: 'status', status: 500 },
  'a 403': { kind: 'status', status: 403 },
  'a reset': { kind: 'reset' },
};

it.each(Object.entries(failures))('%s costs that event only, and nobody hears of it', async (_sentence, action) => {
  const events = recorder();
  simulator.faults.add({ path: /\/events/, action });
  events.record(about('first'));
  await events.flush();
  events.record(about('second'));
  await events.flush();
  expect(written().map(({ involvedObject }) => involvedObject)).toMatchObject([{ name: 'second' }]);
});

it('long texts are cut to what the API takes', async () => {
  const events = recorder();
  const name = 'n'.repeat(253);
  events.record(about(name, { message: 'm'.repeat(5_000) }));
  await events.flush();
  const [event] = written();
  expect(event?.message).toHaveLength(1_024);
  expect(event?.metadata.name).toHaveLength(253);
});
