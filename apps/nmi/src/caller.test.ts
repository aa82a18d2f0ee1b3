import { namespacedName, Store } from '@aad-pod-identity/kube';
import { fakeClock, pod } from '@aad-pod-identity/testing';
import { addressesToFindBy, BY_ADDRESS, createCallerFinder } from './caller.ts';
import { type Pod, slimPod } from './pod.ts';

const slim = (options: Parameters<typeof pod>[0]): Pod => slimPod(pod(options), 'node-0') as Pod;

function setUp(known: readonly Pod[] = [], live: readonly Pod[] = []) {
  const pods = new Store<Pod>({ key: namespacedName, indexes: { [BY_ADDRESS]: addressesToFindBy } });
  pods.replaceAll(known);
  const clock = fakeClock();
  let lookUps = 0;
  const livePods = () => {
    lookUps++;
    return Promise.resolve(live);
  };
  const find = createCallerFinder({ pods, livePods, clock });
  const signal = new AbortController().signal;
  return { pods, clock, find: (address: string | undefined) => find(address, signal), lookUps: () => lookUps };
}

describe('the caller', () => {
  const a = slim({ name: 'a', ip: '10.0.0.1' });
  const b = slim({ name: 'b', ip: '10.0.0.2' });
  const six = { ...slim({ name: 'six' }), addresses: ['10.0.0.6', 'fd00::6'] };

  it.each<[sentence: string, address: string, name: string]>([
    ['by its address', '10.0.0.2', 'b'],
    ['by its address in IPv6 clothes', '::ffff:10.0.0.1', 'a'],
    ['by its second address', 'fd00:0::6', 'six'],
  ])('is found %s, with no look-up', async (_, address, name) => {
    const { find, lookUps } = setUp([a, b, six]);
    expect([(await find(address)).name, lookUps()]).toEqual([name, 0]);
  });

  it('is waited for until the watch brings it', async () => {
    const { find, pods, clock, lookUps } = setUp();
    const found = find('10.0.0.1');
    await clock.advance(500);
    pods.apply(a);
    expect([await found, lookUps()]).toEqual([a, 0]);
  });

  it('is looked up once when the watch does not bring it', async () => {
    const { find, clock, lookUps } = setUp([], [a, b]);
    const found = find('10.0.0.1');
    await clock.advance(1_200);
    expect([await found, lookUps()]).toEqual([a, 1]);
  });

  it.each<[sentence: string, known: Pod[], live: Pod[], address: string | undefined, code: string]>([
    ['of an address that no pod has', [b], [b], '10.0.0.1', 'callerUnknown'],
    ['without an address', [a], [a], undefined, 'callerUnknown'],
    ['whose address two pods have', [a, { ...b, addresses: ['10.0.0.1'] }], [], '10.0.0.1', 'callerAmbiguous'],
    [
      'whose address two pods have by the live look-up',
      [],
      [a, { ...b, addresses: ['10.0.0.1'] }],
      '10.0.0.1',
      'callerAmbiguous',
    ],
    [
      'that uses the node’s network',
      [{ ...a, hostNetwork: true }],
      [{ ...a, hostNetwork: true }],
      '10.0.0.1',
      'callerUnknown',
    ],
  ])('%s is refused', async (_, known, live, address, code) => {
    const { find, clock } = setUp(known, live);
    const refused = expect(find(address)).rejects.toMatchObject({ code });
    await clock.advance(1_200);
    await refused;
  });

  it('is refused when a second pod with its address appears while it is waited for', async () => {
    const { find, pods, clock } = setUp();
    const refused = expect(find('10.0.0.1')).rejects.toMatchObject({ code: 'callerAmbiguous' });
    await clock.advance(100);
    pods.replaceAll([a, { ...b, addresses: ['10.0.0.1'] }]);
    await refused;
  });
});
