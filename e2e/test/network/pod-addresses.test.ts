/** The real NMI on a node of network namespaces: sandboxes come and go while the API server is away or its watch silent. */
import type { Joining, Sandbox } from '../../src/network/links.ts';
import { NodeInNamespaces } from '../../src/network/node-in-namespaces.ts';
import { until } from '../../src/node-cluster.ts';

type NodeAddress = 'routed4' | 'routed6' | 'bridged';

const sandbox = (name: string, joining: Joining, ...addresses: string[]): Sandbox => ({ name, joining, addresses });
const routed = sandbox('routed', 'routed', '10.9.0.5');
const dual = sandbox('dual', 'routed', '10.9.0.6', 'fd09::6');
const bridged = sandbox('bridged', 'bridged', '10.8.0.7');
const kept = sandbox('kept', 'routed', '10.9.0.8');
const bridgedKept = sandbox('bridged-kept', 'bridged', '10.8.0.9');
const PODS = [routed, dual, bridged, kept, bridgedKept];
const ADDRESSES = 6;

describe('an address of a pod', () => {
  const node = new NodeInNamespaces();
  const ask = (name: string, to: NodeAddress) => node.do('ask', [name, to]);
  const own = (name: string) => ({ status: 200, whose: name });

  beforeAll(async () => {
    await node.start();
    for (const pod of PODS) {
      await node.do('join', pod);
      await node.do('register', pod);
    }
    // on a bridge a pod's way shows once it has spoken
    for (const { name } of [bridged, bridgedKept]) expect(await ask(name, 'bridged')).toMatchObject(own(name));
    await until(async () => (await node.do('proven', undefined)) === ADDRESSES);
  });
  afterAll(() => node.stop());

  describe('while the API server is away', () => {
    beforeAll(async () => {
      await node.do('stopApi', undefined);
    });

    it.each<[sentence: string, name: string, to: NodeAddress]>([
      ['a route of its own leads to', 'routed', 'routed4'],
      ['a route of IPv4 leads to, of two families', 'dual', 'routed4'],
      ['a route of IPv6 leads to, of two families', 'dual', 'routed6'],
      ['a bridge leads to', 'bridged', 'bridged'],
    ])('which %s gets its pod a token', async (_, name, to) => {
      expect(await ask(name, to)).toMatchObject(own(name));
    });

    it.each<[sentence: string, from: Sandbox, to: Sandbox, at: NodeAddress[], leaves: boolean]>([
      ['routed to its sandbox', routed, sandbox('routed-heir', 'routed', '10.9.0.5'), ['routed4'], false],
      ['of both families', dual, sandbox('dual-heir', 'routed', '10.9.0.6', 'fd09::6'), ['routed4', 'routed6'], false],
      [
        'on a bridge, hardware address and all,',
        bridged,
        sandbox('bridged-heir', 'bridged', '10.8.0.7'),
        ['bridged'],
        false,
      ],
      ['whose interface was left behind', kept, sandbox('kept-heir', 'routed', '10.9.0.8'), ['routed4'], true],
    ])('%s that moves to another pod gets it nothing of the old one’s', async (_, from, to, at, leaves) => {
      if (!leaves) await node.do('leave', from.name);
      await node.do('join', to);
      for (const each of at) {
        const answer = await ask(to.name, each);
        expect(answer).toEqual({ status: 503, retryAfter: expect.stringMatching(/^\d+$/) as string });
      }
    });

    it('that nobody had before gets nothing', async () => {
      await node.do('join', sandbox('stranger', 'routed', '10.9.0.99'));
      expect(await ask('stranger', 'routed4')).toMatchObject({ status: 503 });
    });

    it('that has not moved goes on to get its pod a token', async () => {
      expect(await ask('bridged-kept', 'bridged')).toMatchObject(own('bridged-kept'));
    });
  });

  describe('once the API server is back', () => {
    it('gets its new pod the new pod’s token', async () => {
      await node.do('startApi', undefined);
      const heirs = [
        sandbox('routed-heir', 'routed', '10.9.0.5'),
        sandbox('dual-heir', 'routed', '10.9.0.6', 'fd09::6'),
        sandbox('bridged-heir', 'bridged', '10.8.0.7'),
      ];
      for (const name of ['routed', 'dual', 'bridged', 'kept']) await node.do('unregister', name);
      for (const heir of heirs) await node.do('register', heir);
      await until(async () => (await ask('routed-heir', 'routed4')).status === 200);
      expect(await ask('routed-heir', 'routed4')).toMatchObject(own('routed-heir'));
      expect(await ask('dual-heir', 'routed6')).toMatchObject(own('dual-heir'));
      expect(await ask('bridged-heir', 'bridged')).toMatchObject(own('bridged-heir'));
    });

    it('that moves while the watch says nothing gets its new pod the new pod’s token', async () => {
      await until(() => node.do('ready', undefined));
      await node.do('silenceWatches', undefined);
      const heir = sandbox('second-heir', 'routed', '10.9.0.5');
      await node.do('leave', 'routed-heir');
      await node.do('unregister', 'routed-heir');
      await node.do('join', heir);
      await node.do('register', heir);
      // a look-up goes for a second, so the first answers may be "later"
      const whose: unknown[] = [];
      await until(
        async () => whose.push((await ask('second-heir', 'routed4')).whose) > 0 && whose.at(-1) !== undefined,
      );
      expect(new Set(whose)).toEqual(new Set([...(whose.length > 1 ? [undefined] : []), 'second-heir']));
    });
  });
});
