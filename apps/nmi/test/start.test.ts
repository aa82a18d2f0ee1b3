import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listen } from '@aad-pod-identity/runtime';
import { azureIdentity, azureIdentityBinding, pod } from '@aad-pod-identity/testing';
import { ask, NODE, startWorld, type World } from './world.ts';

describe('starting', () => {
  let world: World;
  const folder = mkdtempSync(join(tmpdir(), 'nmi-start-'));
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(async () => {
    await world.close();
    rmSync(folder, { recursive: true });
  });

  it.each<[sentence: string, flags: string[], line: RegExp]>([
    ['without the node’s name', ['--node='], /^nmi: --node: the name of this node is needed/],
    ['with a flag nobody knows', ['--nmi-prt=1'], /^nmi: unknown flag --nmi-prt; did you mean --nmi-port\?$/],
    ['with a bad value', ['--nmi-port=x'], /^nmi: --nmi-port: "x" is not a whole number from 0 up to 65535$/],
    [
      'managed without namespaces',
      ['--operation-mode=managed'],
      /^nmi: --operation-mode=managed needs --forceNamespaced/,
    ],
    ['with a name for an address', ['--metadata-ip=imds'], /^nmi: --metadata-ip: "imds" is not an IP address$/],
    ['with identity to pass on', ['--metadata-paths=identity'], /^nmi: --metadata-paths: /],
  ])('%s ends with 2 and one line', async (_, flags, line) => {
    const nmi = await world.nmi(flags, { wait: false });
    expect(await nmi.exited()).toBe(2);
    expect(nmi.lines.map(({ msg }) => msg)).toEqual([expect.stringMatching(line)]);
  });

  it('on a kubenet node is refused, unless that is accepted', async () => {
    const config = join(folder, 'kubelet');
    writeFileSync(config, 'KUBELET_FLAGS=--network-plugin=kubenet\n');
    const refused = await world.nmi([`--kubelet-config=${config}`], { wait: false });
    expect(await refused.exited()).toBe(2);
    expect(refused.lines[0]?.msg).toMatch(/^nmi: --allow-network-plugin-kubenet is needed: this node uses kubenet/);
    const accepted = await world.nmi([`--kubelet-config=${config}`, '--allow-network-plugin-kubenet']);
    expect(await accepted.stop()).toBe(0);
  });

  it('on a port that is taken ends with 1 and names it', async () => {
    const holder = createServer();
    const taken = await listen(holder, { port: 0 });
    const old = '; if it is an NMI 1.8.17, delete its pod, and this one takes over';
    for (const [flag, cure] of [
      ['--nmi-port', old],
      ['--http-probe-port', ''],
      ['--prometheus-port', ''],
    ]) {
      const second = await world.nmi([`${flag}=${taken}`], { wait: false });
      expect(await second.exited()).toBe(1);
      expect(second.lines.at(-1)?.msg).toMatch(
        new RegExp(`^nmi: cannot listen on .*: another process listens there${cure}$`),
      );
    }
    holder.close();
  });

  it('beside an NMI that ends takes over its ports, health and metrics as soon as they are free', async () => {
    const first = await world.nmi();
    const { port, healthPort, metricsPort } = await first.ports();
    const flags = [`--nmi-port=${port}`, `--http-probe-port=${healthPort}`, `--prometheus-port=${metricsPort}`];
    const second = await world.nmi([`--nmi-port=${port}`, ...flags]);
    await second.line(({ msg }) => msg === 'waiting for the NMI before this one to end');
    expect(await first.stop()).toBe(0);
    expect(await second.ports()).toEqual({ port, healthPort, metricsPort });
    expect(await second.stop()).toBe(0);
  });

  it('while the Kubernetes API is away is not ready, and ready after its return', async () => {
    await world.kube.stop();
    const nmi = await world.nmi([], { wait: false });
    const { healthPort } = await nmi.ports();
    const ready = () => ask(healthPort, { from: '127.0.0.1', path: '/readyz' });
    expect(await ready()).toMatchObject({ status: 503, body: expect.stringContaining('not fresh: pods') as string });
    await world.kube.start();
    await nmi.synced();
    expect((await ready()).status).toBe(200);
  });

  it('in managed mode gives what a binding of the pod’s own namespace names', async () => {
    const { port } = await (await world.nmi(['--operation-mode=managed', '--forceNamespaced'])).ports();
    const azure = world.azure.addIdentity({ resourceGroup: 'nodes', name: 'managed' });
    world.azure.state.assign(world.azure.state.resource(world.machine), azure.id);
    const spec = { resourceID: azure.id, clientID: azure.clientId };
    world.kube.state.create(azureIdentity({ name: 'managed', namespace: 'team', spec }));
    world.kube.state.create(azureIdentityBinding({ name: 'managed', namespace: 'team' }));
    world.kube.state.create(pod({ name: 'in', namespace: 'team', node: NODE, label: 'managed', ip: '127.0.7.1' }));
    world.kube.state.create(pod({ name: 'out', namespace: 'default', node: NODE, label: 'managed', ip: '127.0.7.2' }));
    const inside = await ask(port, { from: '127.0.7.1' });
    const { access_token } = JSON.parse(inside.body) as { access_token: string };
    expect(await world.azure.verifyToken(access_token)).toMatchObject({ appid: azure.clientId });
    expect((await ask(port, { from: '127.0.7.2' })).status).toBe(400);
  });
});
