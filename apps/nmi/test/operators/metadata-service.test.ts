/** What operators of 1.8.17 suffered from at the metadata address; each test is named by what ours does. */
import { pod } from '@aad-pod-identity/testing';
import { bindPod, claimsOf } from '../bound-pods.ts';
import { ask, startWorld, TOKEN_PATH, type World } from '../world.ts';

const NOT_FOUND = { status: 400, body: '{"error":"invalid_request","error_description":"Identity not found"}' };
const NO_HEADER = '{"error":"invalid_request","error_description":"Required metadata header not specified"}';

describe('the metadata address, as operators need it', () => {
  let world: World;
  let port: number;
  let addresses = 10;
  beforeAll(async () => {
    world = await startWorld();
    ({ port } = await (await world.nmi()).ports());
  });
  afterAll(() => world.close());

  const boundPod = (name: string) => bindPod(world, name, `127.0.50.${addresses++}`);
  const imdsCalls = () => world.azure.state.requests.filter(({ service }) => service === 'imds').length;

  it('13: without the Metadata header the exact 400, before anybody is looked up', async () => {
    const calls = world.kube.requests.length;
    const answer = await ask(port, { from: '127.0.51.9', path: TOKEN_PATH, headers: {} });
    expect(answer).toMatchObject({ status: 400, body: NO_HEADER });
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(
      world.kube.requests.slice(calls).filter(({ path, query }) => path.endsWith('/pods') && !query.includes('watch=')),
    ).toEqual([]);
  });

  it('13: --metadata-header-required=false is honoured', async () => {
    const { ip, azure } = boundPod('headless');
    const lenient = await world.nmi(['--metadata-header-required=false']);
    const { port: own } = await lenient.ports();
    expect(await claimsOf(world, (await ask(own, { from: ip, headers: {} })).body)).toMatchObject({
      appid: azure.clientId,
    });
    expect(await lenient.stop()).toBe(0);
  });

  it.each([404, 410, 429, 500, 503])('14: a hiccup of IMDS (%d) is retried, and no 403', async (status) => {
    const { ip, azure } = boundPod(`hiccup-${status}`);
    if (status === 429) world.azure.control.throttle('imds', 1, { retryAfter: 1 });
    else world.azure.control.failNext('imds', { kind: 'status', status });
    const before = imdsCalls();
    expect(await claimsOf(world, (await ask(port, { from: ip })).body)).toMatchObject({ appid: azure.clientId });
    expect(imdsCalls() - before).toBe(2);
  });

  it('15: no label: 400 Identity not found at once, so that clients fall through', async () => {
    world.kube.state.create(pod({ name: 'bare', ip: '127.0.51.2' }));
    const calls = imdsCalls();
    const { from, nmi } = { from: '127.0.51.2', nmi: await world.nmi() };
    const { port: own } = await nmi.ports();
    expect(await ask(own, { from })).toMatchObject(NOT_FOUND);
    expect(nmi.lines.filter(({ msg }) => msg === 'waiting for an identity')).toEqual([]);
    expect([imdsCalls(), await nmi.stop()]).toEqual([calls, 0]);
  });

  it('43: identical requests share one call; tokens are cached', async () => {
    const { ip } = boundPod('shared');
    const before = imdsCalls();
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask(port, { from: ip })));
    answers.push(await ask(port, { from: ip }));
    expect([answers.every(({ status }) => status === 200), imdsCalls() - before]).toEqual([true, 1]);
  });
});
