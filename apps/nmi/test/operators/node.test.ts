/** What operators of 1.8.17 suffered from on the node itself; each test is named by what ours does. */
import { createServer } from 'node:net';
import { listen } from '@aad-pod-identity/runtime';
import { pod } from '@aad-pod-identity/testing';
import { bindPod, claimsOf } from '../bound-pods.ts';
import { ask, startWorld, type World } from '../world.ts';

describe('the node, as operators need it', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.close());

  const imdsCalls = () => world.azure.state.requests.filter(({ service }) => service === 'imds').length;

  /** Ports that nobody has: they are chosen by the system, all at once, and let go of. */
  async function freePorts(count: number): Promise<number[]> {
    const holders = Array.from({ length: count }, () => createServer());
    const ports = await Promise.all(holders.map((holder) => listen(holder, { port: 0 })));
    await Promise.all(holders.map((holder) => new Promise((resolve) => holder.close(resolve))));
    return ports;
  }

  it('20: the listen address is settable, and redirection can be somebody else’s', async () => {
    const { ip, azure } = bindPod(world, 'elsewhere', '127.0.60.1');
    const nmi = await world.nmi(['--nmi-listen-address=0.0.0.0', '--redirection=none']);
    expect(await nmi.line(({ msg }) => msg.startsWith('redirection is switched off'))).toBeDefined();
    const { port, healthPort } = await nmi.ports();
    expect(await claimsOf(world, (await ask(port, { from: ip })).body)).toMatchObject({ appid: azure.clientId });
    expect((await ask(healthPort, { from: '127.0.0.1', path: '/readyz' })).status).toBe(200);
    expect(await nmi.stop()).toBe(0);
  });

  it('39: every port is settable', async () => {
    const [port = 0, healthPort = 0, metricsPort = 0] = await freePorts(3);
    const nmi = await world.nmi([
      `--nmi-port=${port}`,
      `--http-probe-port=${healthPort}`,
      `--prometheus-port=${metricsPort}`,
    ]);
    expect(await nmi.ports()).toEqual({ port, healthPort, metricsPort });
    const from = '127.0.0.1';
    expect((await ask(port, { from, path: '/' })).status).toBe(403);
    expect((await ask(healthPort, { from, path: '/healthz' })).body).toBe('Active');
    expect((await ask(metricsPort, { from, path: '/metrics' })).body).toContain('aadpodidentity_nmi_');
    expect(await nmi.stop()).toBe(0);
  });

  it('12: with NMI starting, an unauthorised pod never gets a token', async () => {
    world.kube.state.create(pod({ name: 'early', ip: '127.0.51.1' }));
    await world.kube.stop();
    const starting = await world.nmi([], { wait: false });
    const { port: own } = await starting.ports();
    const [before, first] = [imdsCalls(), await ask(own, { from: '127.0.51.1' })];
    expect(first).toMatchObject({ status: 503, body: expect.stringContaining('temporarily_unavailable') as string });
    await world.kube.start();
    await starting.synced();
    expect(await ask(own, { from: '127.0.51.1' })).toMatchObject({
      ...{ status: 400, body: '{"error":"invalid_request","error_description":"Identity not found"}' },
    });
    expect([imdsCalls(), await starting.stop()]).toEqual([before, 0]);
  });
});
