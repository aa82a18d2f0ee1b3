import { Agent } from 'node:http';
import { systemClock } from '@aad-pod-identity/runtime';
import { bindPod } from './bound-pods.ts';
import { ask, startWorld, type World } from './world.ts';

const AAD = 'aadpodidentity.k8s.io/v1';
/** From the event to the last request that may still be answered with a token. */
const WITHIN_MS = 100;
/** Two cores are shared with whatever else runs; the median says what NMI does. */
const ROUNDS = 5;

describe('a token that was given', () => {
  let world: World;
  let port: number;
  let pods = 0;
  beforeAll(async () => {
    world = await startWorld();
    ({ port } = await (await world.nmi()).ports());
  });
  afterAll(() => world.close());

  type Revoke = (world: World, name: string) => unknown;
  const change =
    (labels: object): Revoke =>
    (on, name) =>
      on.kube.state.patch('v1', 'Pod', 'default', name, { metadata: { labels } });

  /** Milliseconds from the event to the start of the last request that still got a token; 0 if none did. */
  async function lastTokenAfter(revoke: Revoke, agent: Agent | undefined): Promise<number> {
    const name = `revoked-${pods++}`;
    const { ip: from } = bindPod(world, name, `127.0.20.${pods}`);
    const asked = () => ask(port, { from, ...(agent === undefined ? {} : { agent }) });
    expect((await asked()).status).toBe(200);
    const at = systemClock.monotonic();
    revoke(world, name);
    for (let last = at; ;) {
      const startedAt = systemClock.monotonic();
      const { status } = await asked();
      if (status !== 200) return last - at;
      last = startedAt;
    }
  }

  const WAYS: [sentence: string, revoke: Revoke][] = [
    ['its binding is deleted', (on, name) => on.kube.state.delete(AAD, 'AzureIdentityBinding', 'default', name)],
    ['its identity is deleted', (on, name) => on.kube.state.delete(AAD, 'AzureIdentity', 'default', name)],
    ['its pod is deleted', (on, name) => on.kube.state.delete('v1', 'Pod', 'default', name)],
    ['its pod’s label is taken away', change({ aadpodidbinding: null })],
    ['its pod’s label is changed', change({ aadpodidbinding: 'another' })],
    [
      'its binding selects other pods',
      (on, name) =>
        on.kube.state.patch(AAD, 'AzureIdentityBinding', 'default', name, { spec: { selector: 'another' } }),
    ],
  ];

  describe.each(WAYS)('is not given again when %s', (_, revoke) => {
    it.each<[sentence: string, agent: () => Agent | undefined]>([
      ['over a new connection', () => undefined],
      ['over the connection that it came by', () => new Agent({ keepAlive: true, maxSockets: 1 })],
    ])(`%s, ${WITHIN_MS} ms after the event`, async (__, agentOf) => {
      const round = async (): Promise<number> => {
        const agent = agentOf();
        const last = await lastTokenAfter(revoke, agent);
        agent?.destroy();
        return last;
      };
      const lasts = await Promise.all(Array.from({ length: ROUNDS }, round));
      expect(lasts.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)]).toBeLessThan(WITHIN_MS);
    });
  });
});
