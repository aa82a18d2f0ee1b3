import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listen } from '@aad-pod-identity/runtime';
import { bindPod, claimsOf } from './bound-pods.ts';
import { ask, type Nmi, startWorld, type World } from './world.ts';

describe('NMI as a service of its node', () => {
  let world: World;
  let nmi: Nmi;
  let port: number;
  let metricsPort: number;
  let healthPort: number;
  let addresses = 10;
  beforeAll(async () => {
    world = await startWorld();
    nmi = await world.nmi();
    ({ port, metricsPort, healthPort } = await nmi.ports());
  });
  afterAll(() => world.close());

  const boundPod = (name: string, state?: 'Created') => bindPod(world, name, `127.0.8.${addresses++}`, state);
  const imdsCalls = () => world.azure.state.requests.filter(({ service }) => service === 'imds').length;

  it('asks IMDS once for many identical requests', async () => {
    const { ip, azure } = boundPod('shared');
    const before = imdsCalls();
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(port, { from: ip })));
    for (const { body } of answers) expect(await claimsOf(world, body)).toMatchObject({ appid: azure.clientId });
    expect(imdsCalls() - before).toBe(1);
  });

  it('passes on 429 with the Retry-After of IMDS, and asks it nothing before that is over', async () => {
    const { ip } = boundPod('throttled');
    const { ip: other } = boundPod('throttled-too');
    const throttled = await world.nmi();
    const { port: own } = await throttled.ports();
    world.azure.control.throttle('imds', 1, { retryAfter: 120 });
    expect(await ask(own, { from: ip })).toMatchObject({ status: 429, headers: { 'retry-after': '120' } });
    const before = imdsCalls();
    expect(await ask(own, { from: other })).toMatchObject({ status: 429, headers: { 'retry-after': '120' } });
    expect([imdsCalls() - before, await throttled.stop()]).toEqual([0, 0]);
  });

  it('asks again itself while IMDS fails for a moment', async () => {
    const { ip, azure } = boundPod('hiccup');
    world.azure.control.failNext('imds', { kind: 'status', status: 500 }, { times: 2 });
    expect(await claimsOf(world, (await ask(port, { from: ip })).body)).toMatchObject({ appid: azure.clientId });
  });

  it('says that IMDS is dead once it has tried in vain, then at once, and leaves it alone', async () => {
    const [first, second] = [boundPod('dead'), boundPod('dead-too')];
    const cut = await world.nmi();
    const { port: own } = await cut.ports();
    world.azure.control.failNext('imds', { kind: 'reset' }, { times: 1_000 });
    expect(await ask(own, { from: first.ip })).toMatchObject({ status: 503 });
    const before = imdsCalls();
    const answer = await ask(own, { from: second.ip });
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': expect.stringMatching(/^\d+$/) as string } });
    expect(imdsCalls() - before).toBeLessThanOrEqual(1);
    world.azure.control.faults.clear();
    await cut.stop();
  });

  it('ends the wait when the client leaves', async () => {
    const { ip } = boundPod('impatient', 'Created');
    const from = nmi.lines.length;
    const client = new AbortController();
    const answer = ask(port, { from: ip, signal: client.signal });
    await nmi.line(({ msg }) => msg === 'waiting for an identity', from);
    client.abort();
    await expect(answer).rejects.toThrow();
    await nmi.line(({ msg }) => msg.startsWith('Status (499) took '), from);
  });

  it('counts under the original’s names', async () => {
    await ask(port, { from: boundPod('counted').ip });
    const { body } = await ask(metricsPort, { from: '127.0.0.1', path: '/metrics' });
    const token = 'operation_type="token",status_code="200",namespace="default",resource="https://storage.azure.com/"';
    expect(body).toContain(`aadpodidentity_nmi_operations_duration_seconds_count{${token}} `);
    const operation = 'operation_type="adal_token_msi_userassignedid"';
    expect(body).toContain(`aadpodidentity_imds_operations_duration_seconds_count{${operation}} `);
    expect(body).toMatch(new RegExp(`aadpodidentity_imds_operations_errors_count\\{${operation}\\} [1-9]`));
  });

  it('is active and ready', async () => {
    const health = (path: string) => ask(healthPort, { from: '127.0.0.1', path });
    expect(await health('/healthz')).toMatchObject({ status: 200, body: 'Active' });
    expect(await health('/readyz')).toMatchObject({ status: 200, body: 'ok\n' });
  });

  it('serves the pods it knows while the Kubernetes API is away', async () => {
    const { ip, azure } = boundPod('steady');
    expect((await ask(port, { from: ip })).status).toBe(200);
    await world.kube.stop();
    expect(await claimsOf(world, (await ask(port, { from: ip })).body)).toMatchObject({ appid: azure.clientId });
    expect((await ask(port, { from: '127.0.9.9' })).status).toBe(503);
    await world.kube.start();
    const later = boundPod('afterwards');
    expect((await ask(port, { from: later.ip })).status).toBe(200);
  });

  it('serves again right after kill -9 and a restart', async () => {
    const { ip, azure } = boundPod('restarted');
    const first = await world.nmi();
    const before = await first.ports();
    expect((await ask(before.port, { from: ip })).status).toBe(200);
    await first.stop('SIGKILL');
    await expect(ask(before.port, { from: ip })).rejects.toThrow('ECONNREFUSED');
    const second = await world.nmi([`--nmi-port=${before.port}`]);
    expect(await claimsOf(world, (await ask(before.port, { from: ip })).body)).toMatchObject({ appid: azure.clientId });
    expect(await second.stop()).toBe(0);
  });

  it('finishes what it accepted after SIGTERM', async () => {
    const { ip, azure } = boundPod('last');
    const stopping = await world.nmi();
    const { port: own } = await stopping.ports();
    world.azure.control.latency('imds', 300);
    const from = stopping.lines.length;
    const answer = ask(own, { from: ip });
    await stopping.line(({ msg }) => msg.startsWith('matched identityType:0'), from);
    expect(await stopping.stop()).toBe(0);
    world.azure.control.latency('imds', 0);
    expect(await claimsOf(world, (await answer).body)).toMatchObject({ appid: azure.clientId });
  });

  it('without a way to write its rules is not active and not ready, and says why', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'no-programs-'));
    const placeholder = createServer();
    const free = await listen(placeholder, { host: '127.0.0.1', port: 0 });
    placeholder.close();
    const helpless = await world.nmi(['--redirection=iptables', `--nmi-port=${free}`], { env: { PATH: empty } });
    const line = await helpless.line(({ msg }) => msg === 'redirection rules are not in place');
    expect(line.err).toMatch(/the program iptables cannot be run/);
    const ports = await helpless.ports();
    const health = (path: string) => ask(ports.healthPort, { from: '127.0.0.1', path });
    expect(await health('/healthz')).toMatchObject({ status: 200, body: 'Not Active' });
    expect(await health('/readyz')).toMatchObject({ status: 503, body: 'redirection rules are not in place\n' });
    expect(await helpless.stop()).toBe(0);
    rmSync(empty, { recursive: true });
  });
});
