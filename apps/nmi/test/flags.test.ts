/** What each flag does, where no other test is about it: NMI is started with it and looked at from outside. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { azureIdentity, azureIdentityBinding, pod } from '@aad-pod-identity/testing';
import { bindPod, claimsOf } from './bound-pods.ts';
import { Principals, SECRET } from './principals.ts';
import { ask, type Nmi, PROGRAM, startWorld, STORAGE, TOKEN_PATH, type World } from './world.ts';

describe('a flag', () => {
  let world: World;
  let addresses = 10;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.close());

  const boundPod = (name: string, state?: 'Created') => bindPod(world, name, `127.0.40.${addresses++}`, state);
  /** Of an NMI that ends with the test. */
  async function withNmi<T>(flags: string[], work: (port: number, nmi: Nmi) => Promise<T>, env = {}): Promise<T> {
    const nmi = await world.nmi(flags, { env });
    const { port } = await nmi.ports();
    const result = await work(port, nmi);
    expect(await nmi.stop()).toBe(0);
    return result;
  }

  it.each<[sentence: string, flags: string[], status: number, retryAfter: string | undefined]>([
    ['not at all', ['--find-identity-retry-interval=0'], 404, undefined],
    ['as often as is said', ['--retry-attempts-for-created=0', '--retry-attempts-for-assigned=0'], 404, undefined],
    ['with the answer that is asked for', ['--find-identity-retry-interval=0', '--set-retry-after-header'], 503, '20'],
  ])('makes a request wait for an assignment %s', async (sentence, flags, status, retryAfter) => {
    const { ip, name } = boundPod(`pending-${sentence.length}`, 'Created');
    const answer = await withNmi(flags, (port) => ask(port, { from: ip }));
    expect([answer.status, answer.headers['retry-after']]).toEqual([status, retryAfter]);
    expect(answer.body).toContain(
      `no identity is assigned to pod default/${name} yet: default/${name} is in state Created`,
    );
  });

  it('--heavier-identity-wait-seconds: then the best assigned one answers, and the log says so', async () => {
    const { ip, azure, name } = boundPod('light');
    world.kube.state.create(azureIdentity({ name: 'heavy' }));
    world.kube.state.create(azureIdentityBinding({ name: 'heavy', selector: name, spec: { weight: 9 } }));
    const heavy = boundPod('heavy-owner', 'Created');
    const record = world.kube.state.get('aadpodidentity.k8s.io/v1', 'AzureAssignedIdentity', 'default', heavy.record);
    world.kube.state.create({
      ...record,
      metadata: { name: 'light-heavy', namespace: 'default', labels: { nodename: 'node-0' } },
      spec: {
        ...(record?.spec as object),
        ...{ pod: name, azureIdentityRef: azureIdentity({ name: 'heavy' }) },
        azureBindingRef: azureIdentityBinding({ name: 'heavy', selector: name }),
      },
    });
    await withNmi(['--heavier-identity-wait-seconds=0'], async (port, nmi) => {
      expect(await claimsOf(world, (await ask(port, { from: ip })).body)).toMatchObject({ appid: azure.clientId });
      const line = await nmi.line(({ msg }) => msg.startsWith('a heavier identity is not assigned yet, the best'));
      expect(line).toMatchObject({ answers: 'default/light', pending: 'default/heavy' });
    });
  });

  it.each<[flags: string[], selector: boolean]>([
    [[], true],
    [['--enableScaleFeatures=false'], false],
  ])('%j: only records with this node’s label are watched: %s', async (flags, selector) => {
    const from = world.kube.requests.length;
    await withNmi(flags, () => Promise.resolve());
    const lists = world.kube.requests.slice(from).filter(({ path }) => path.endsWith('/azureassignedidentities'));
    expect(lists.length).toBeGreaterThan(0);
    for (const { query } of lists) expect(decodeURIComponent(query).includes('nodename=node-0')).toBe(selector);
  });

  it('--operation-mode=managed: MIC’s records are not even read', async () => {
    const from = world.kube.requests.length;
    await withNmi(['--operation-mode=managed', '--forceNamespaced'], () => Promise.resolve());
    expect(world.kube.requests.slice(from).filter(({ path }) => path.includes('assigned'))).toEqual([]);
  });

  it('--custom-user-agent is added once, to every call, and does not grow', async () => {
    const { ip } = boundPod('agent');
    const [before, calls] = [world.azure.state.requests.length, world.kube.requests.length];
    await withNmi(['--custom-user-agent=fleet/7'], async (port) => {
      for (const resource of ['a', 'b', 'c']) await ask(port, { from: ip, path: `${TOKEN_PATH}?resource=${resource}` });
    });
    const agents = [
      ...world.azure.state.requests.slice(before).map(({ userAgent }) => userAgent),
      ...world.kube.requests.slice(calls).map(({ userAgent }) => userAgent),
    ];
    expect(agents.length).toBeGreaterThan(6);
    for (const agent of agents) expect(agent).toMatch(/^aad-pod-identity NMI\/\S+ fleet\/7$/);
  });

  it('FORCENAMESPACED=true in the environment keeps identities in their namespace', async () => {
    boundPod('homely');
    world.kube.state.create(pod({ name: 'away', namespace: 'team', label: 'homely', ip: '127.0.41.1' }));
    const answer = await withNmi([], (port) => ask(port, { from: '127.0.41.1' }), { FORCENAMESPACED: 'true' });
    expect(answer).toMatchObject({ status: 400, body: expect.stringContaining('Identity not found') as string });
  });

  it('--metadata-paths: what is named is passed on, and nothing else', async () => {
    const before = world.azure.state.requests.length;
    const from = '127.0.41.2';
    await withNmi(['--metadata-paths=maintenance'], async (port) => {
      expect((await ask(port, { from, path: '/metadata/maintenance' })).status).not.toBe(403);
      expect((await ask(port, { from, path: '/metadata/versions' })).status).toBe(403);
    });
    expect(world.azure.state.requests.length - before).toBeLessThanOrEqual(1);
  });

  it('--log-format=text writes key=value, and what was matched as the seed shows it', async () => {
    const { ip } = boundPod('texts');
    const nmi = await world.nmi(['--log-format=text'], { wait: false });
    const { msg: listening } = await nmi.line(({ msg }) => msg.includes('msg="listening for token requests"'));
    const port = Number(/ port=(\d+) /.exec(listening)?.[1]);
    expect((await ask(port, { from: ip })).status).toBe(200);
    const { msg } = await nmi.line((line) => line.msg.includes('matched'));
    expect(msg).toMatch(
      /^time="[^"]+" level=info msg="matched identityType:0 clientid:.{4}##### REDACTED #####.{4} resource:https:.*" req\.method=GET req\.path=\S+ req\.remote=\S+$/,
    );
    expect(await nmi.stop()).toBe(0);
  });

  it('-v=10 tells more, and still no token, no secret and no client id in full', async () => {
    const principals = new Principals(world);
    const { ip, azure } = boundPod('verbose');
    const { clientId } = principals.withSecret();
    const good = principals.bind('told', clientId, { type: 1, values: { x: SECRET } });
    const bad = principals.bind('told-wrong', clientId, { type: 1, values: { x: 'wr0ng~value' } });
    await withNmi(['-v=10'], async (port, nmi) => {
      const asked = [ip, good, bad].map((from) => ask(port, { from }));
      expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([200, 200, 403]);
      const byId = `${TOKEN_PATH}?resource=${STORAGE}&client_id=${azure.clientId}`;
      expect((await ask(port, { from: ip, path: byId })).status).toBe(200);
      await nmi.line(({ msg }) => msg.startsWith('Status (403)'));
      const told = JSON.stringify(nmi.lines);
      for (const hidden of ['eyJ', SECRET, 'wr0ng~value', clientId, azure.clientId]) expect(told).not.toContain(hidden);
    });
  });

  it.each<[flag: string, output: RegExp]>([
    ['--version', /^nmi \S+ \S+\n$/],
    ['--help', /^nmi - answers .*\n\nUsage: nmi \[flags\]\n\n {2}--nmi-listen-address string\n/],
    ['-h', /^nmi - answers /],
  ])('%s is answered, and nothing is started', async (flag, output) => {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [PROGRAM, flag]);
    expect([stdout, stderr]).toEqual([expect.stringMatching(output), '']);
  });

  it('that does nothing any more is accepted, and the log says so', async () => {
    await withNmi(['--logtostderr', '--enableProfile'], (_, nmi) => {
      const said = nmi.lines.map(({ msg }) => msg).filter((msg) => msg.includes('has no effect'));
      expect(said).toEqual([
        expect.stringMatching(/^--logtostderr has no effect: /),
        expect.stringMatching(/^--enableProfile has no effect: /),
      ]);
      return Promise.resolve();
    });
  });
});
