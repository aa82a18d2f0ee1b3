import { Agent } from 'node:http';
import { bindPod } from './bound-pods.ts';
import { ask, type Nmi, startWorld, type World } from './world.ts';

const ROLLOUTS = 3;
/**
 * What a connection gets that the kernel took between NMI's last look and the end of its listener. On a node a rule
 * keeps it away (`redirection/hold.ts`, shown by the real-component tier); over loopback one may come in each rollout.
 */
const CUT = 'Error: read ECONNRESET';

describe('a rollout of NMI under load', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.close());

  it('loses no request, be the connection old or new', async () => {
    const { ip } = bindPod(world, 'rolled', '127.0.8.77');
    let current = await world.nmi();
    const { port } = await current.ports();
    const rolling = new AbortController();
    const seen = { answered: 0, failed: [] as string[], cut: 0 };
    const client = async (keepAlive: boolean): Promise<void> => {
      const agent = new Agent({ keepAlive, maxSockets: 1 });
      while (!rolling.signal.aborted) {
        const { status } = await ask(port, { from: ip, agent }).catch((error: unknown) => ({ status: String(error) }));
        if (status === 200) seen.answered++;
        else if (!keepAlive && status === CUT) seen.cut++;
        else seen.failed.push(String(status));
      }
      agent.destroy();
    };
    const clients = [client(true), client(true), client(false), client(false)];
    for (let times = 0; times < ROLLOUTS; times++) {
      const next: Nmi = await world.nmi([`--nmi-port=${port}`]);
      expect(await current.stop()).toBe(0);
      current = next;
    }
    rolling.abort();
    await Promise.all(clients);
    expect(seen.failed).toEqual([]);
    expect(seen.cut).toBeLessThanOrEqual(ROLLOUTS);
    expect(seen.answered).toBeGreaterThan(100);
  });
});
