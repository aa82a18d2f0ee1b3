import { namespacedName, Store } from '@aad-pod-identity/kube';
import { fakeClock, pod } from '@aad-pod-identity/testing';
import { FakeNetwork } from '../test/fake-network.ts';
import { createCallerFinder } from './caller.ts';
import type { LivePods } from './live-pods.ts';
import { KnownPaths } from './paths/known-paths.ts';
import { addressesToFindBy, BY_ADDRESS, type Pod, slimPod } from './pod.ts';

const slim = (options: Parameters<typeof pod>[0]): Pod => slimPod(pod(options), 'node-0') as Pod;

type Live = readonly Pod[] | 'away';

function setUp(known: readonly Pod[] = [], live: Live = []) {
  const pods = new Store<Pod>({ key: namespacedName, indexes: { [BY_ADDRESS]: addressesToFindBy } });
  pods.replaceAll(known);
  const clock = fakeClock();
  const network = new FakeNetwork();
  const api = { live, fresh: true, confirmedAt: 0, lookUps: 0, keptAt: undefined as number | undefined };
  const isFresh = () => api.fresh;
  const paths = new KnownPaths({ network, clock, confirmedAt: () => api.confirmedAt });
  const livePods = (): Promise<LivePods> => {
    api.lookUps++;
    if (api.live === 'away') return Promise.reject(new Error('away'));
    return Promise.resolve({ at: api.keptAt ?? clock.monotonic(), pods: api.live });
  };
  const find = createCallerFinder({ pods, livePods, paths, isFresh, clock });
  const { signal } = new AbortController();
  const ask = (remoteAddress: string | undefined, connection: object = {}) =>
    find({ remoteAddress, connection, signal });
  /** Lets the watch go on for `ms`, then breaks it. */
  const breakAfter = async (ms: number): Promise<void> => {
    paths.observe(pods.list());
    await clock.advance(ms);
    api.confirmedAt = clock.monotonic();
    api.fresh = false;
  };
  return { pods, clock, network, paths, api, ask, breakAfter, lookUps: () => api.lookUps };
}

const a = slim({ name: 'a', ip: '10.0.0.1' });
const b = slim({ name: 'b', ip: '10.0.0.2' });
const heir = { ...b, addresses: ['10.0.0.1'] };

describe('the caller', () => {
  const six = { ...slim({ name: 'six' }), addresses: ['10.0.0.6', 'fd00::6'] };

  it.each<[sentence: string, address: string, name: string]>([
    ['by its address', '10.0.0.2', 'b'],
    ['by its address in IPv6 clothes', '::ffff:10.0.0.1', 'a'],
    ['by its second address', 'fd00:0::6', 'six'],
  ])('is found %s, with no look-up', async (_, address, name) => {
    const { ask, lookUps } = setUp([a, b, six]);
    expect([(await ask(address)).name, lookUps()]).toEqual([name, 0]);
  });

  it('is waited for until the watch brings it', async () => {
    const { ask, pods, clock, lookUps } = setUp();
    const found = ask('10.0.0.1');
    await clock.advance(500);
    pods.apply(a);
    expect([await found, lookUps()]).toEqual([a, 0]);
  });

  it('is looked up once when the watch does not bring it', async () => {
    const { ask, clock, lookUps } = setUp([], [a, b]);
    const found = ask('10.0.0.1');
    await clock.advance(1_200);
    expect([await found, lookUps()]).toEqual([a, 1]);
  });

  it.each<[sentence: string, known: Pod[], live: Pod[], address: string | undefined, code: string]>([
    ['of an address that no pod has', [b], [b], '10.0.0.1', 'callerUnknown'],
    ['without an address', [a], [a], undefined, 'callerUnknown'],
    ['whose address two pods have', [a, heir], [], '10.0.0.1', 'callerAmbiguous'],
    ['whose address two pods have by the live look-up', [], [a, heir], '10.0.0.1', 'callerAmbiguous'],
    [
      'that uses the node’s network',
      [{ ...a, hostNetwork: true }],
      [{ ...a, hostNetwork: true }],
      '10.0.0.1',
      'callerUnknown',
    ],
  ])('%s is refused', async (_, known, live, address, code) => {
    const { ask, clock } = setUp(known, live);
    const refused = expect(ask(address)).rejects.toMatchObject({ code });
    await clock.advance(1_200);
    await refused;
  });

  it('is refused when a second pod with its address appears while it is waited for', async () => {
    const { ask, pods, clock } = setUp();
    const refused = expect(ask('10.0.0.1')).rejects.toMatchObject({ code: 'callerAmbiguous' });
    await clock.advance(100);
    pods.replaceAll([a, heir]);
    await refused;
  });
});

type World = ReturnType<typeof setUp>;
type Outcome = [name: string, lookUps: number];
const AWAY: Outcome = ['away', 1];

async function outcomeOf({ ask, clock, lookUps }: World): Promise<Outcome> {
  const answer = ask('10.0.0.1').then(
    ({ name }) => name,
    (error: unknown) => (error as { code?: string }).code ?? (error as Error).message,
  );
  await clock.advance(1_200);
  return [await answer, lookUps()];
}

describe('while the watch is stale', () => {
  const known = async (live: Live, ms: number): Promise<World> => {
    const world = setUp([a], live);
    world.network.connect('10.0.0.1', 'veth-a');
    await world.breakAfter(ms);
    return world;
  };

  it.each<[sentence: string, live: Live, ms: number, device: string | undefined, outcome: Outcome]>([
    ['a pod that is reached as before is served', 'away', 5_000, 'veth-a', ['a', 0]],
    ['one that was seen only a moment before is looked up', [a], 1_000, 'veth-a', ['a', 1]],
    ['one that was seen only a moment before gets nothing of a dead API server', 'away', 1_000, 'veth-a', AWAY],
    ['its address elsewhere gets nothing of a dead API server', 'away', 60_000, 'veth-b', AWAY],
    ['its address elsewhere is the other pod’s by the look-up', [heir], 60_000, 'veth-b', ['b', 1]],
    ['its address elsewhere is not its own by a look-up that may be late', [a], 60_000, 'veth-b', ['callerUnknown', 1]],
    ['its address nowhere gets nothing of a dead API server', 'away', 60_000, undefined, AWAY],
  ])('%s', async (_, live, ms, device, outcome) => {
    const world = await known(live, ms);
    if (device !== 'veth-a') world.network.remove('veth-a');
    if (device !== undefined) world.network.connect('10.0.0.1', device);
    expect(await outcomeOf(world)).toEqual(outcome);
  });

  it('a pod whose path nobody can tell is looked up, and gets nothing of a dead API server', async () => {
    const world = setUp([a], [a]);
    await world.breakAfter(60_000);
    expect(await outcomeOf(world)).toEqual(['a', 1]);
    world.api.live = 'away';
    expect(await outcomeOf(world)).toEqual(['away', 2]);
  });

  it('an interface that was left behind does not keep the address', async () => {
    const world = await known('away', 60_000);
    world.network.connect('10.0.0.1', 'veth-b');
    expect(await outcomeOf(world)).toEqual(AWAY);
  });

  it('a connection from before goes on: nobody else can be its other end', async () => {
    const { ask, network, breakAfter, lookUps } = setUp([a], 'away');
    network.connect('10.0.0.1', 'veth-a');
    const connection = {};
    await ask('10.0.0.1', connection);
    await breakAfter(1_000);
    expect([(await ask('10.0.0.1', connection)).name, lookUps()]).toEqual(['a', 0]);
  });

  it('a connection from before ends for a pod that is gone', async () => {
    const { ask, pods, clock, breakAfter } = setUp([a], []);
    const connection = {};
    await ask('10.0.0.1', connection);
    await breakAfter(1_000);
    pods.remove('default/a');
    const refused = expect(ask('10.0.0.1', connection)).rejects.toMatchObject({ code: 'callerUnknown' });
    await clock.advance(1_200);
    await refused;
  });
});

it('a pod that is newer than the last look-up is found by the next one, not refused', async () => {
  const { pods, clock, api, ask, lookUps } = setUp([], [b]);
  api.fresh = false;
  api.keptAt = -1;
  pods.apply(a);
  const found = ask('10.0.0.1');
  await clock.advance(999);
  expect(lookUps()).toBe(1);
  Object.assign(api, { live: [a, b], keptAt: undefined });
  await clock.advance(1);
  expect([await found, lookUps()]).toEqual([a, 2]);
});

describe('an address that is reached another way before the watch says why', () => {
  const moved = async (live: readonly Pod[]): Promise<World> => {
    const world = setUp([a], live);
    world.network.connect('10.0.0.1', 'veth-a');
    await world.ask('10.0.0.1');
    world.network.remove('veth-a');
    world.network.connect('10.0.0.1', 'veth-b');
    return world;
  };

  it('belongs to the pod that the watch brings', async () => {
    const { ask, pods, clock, lookUps } = await moved([a]);
    const found = ask('10.0.0.1');
    await clock.advance(300);
    pods.replaceAll([heir]);
    expect([(await found).name, lookUps()]).toEqual(['b', 0]);
  });

  it('belongs to nobody while the API server has the old pod there, and to it again if that lasts', async () => {
    const world = await moved([a]);
    expect(await outcomeOf(world)).toEqual(['callerUnknown', 1]);
    await world.clock.advance(90_000);
    expect(await outcomeOf(world)).toEqual(['callerUnknown', 2]);
    await world.clock.advance(50_000);
    expect(await outcomeOf(world)).toEqual(['callerUnknown', 3]);
    await world.clock.advance(10_000);
    expect(await outcomeOf(world)).toEqual(['a', 4]);
    expect(await outcomeOf(world)).toEqual(['a', 4]);
  });
});
