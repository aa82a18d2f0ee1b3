/** What holds in single namespaces, from one ConfigMap that is watched; and those who try to get round it. */
import { azureIdentity, azureIdentityBinding, azureAssignedIdentity, pod } from '@aad-pod-identity/testing';
import { systemClock } from '@aad-pod-identity/runtime';
import { ask, type Nmi, startWorld, type World } from './world.ts';

const INSTANCE = '/metadata/instance/compute?api-version=2021-02-01';
const NAME = 'aad-pod-identity-namespaces';
const METADATA: Readonly<Record<string, string>> = { Metadata: 'true' };
const OPEN = '127.0.7.1';
const CLOSED = '127.0.7.2';

describe('settings of namespaces', () => {
  let world: World;
  let nmi: Nmi;
  let port: number;

  beforeEach(async () => {
    world = await startWorld();
    for (const name of ['release', 'open', 'closed'])
      world.kube.state.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    world.kube.state.create(pod({ name: 'a', namespace: 'open', ip: OPEN, label: 'demo' }));
    world.kube.state.create(pod({ name: 'b', namespace: 'closed', ip: CLOSED, label: 'demo' }));
  });
  afterEach(() => world.close());

  const start = async (...flags: string[]): Promise<void> => {
    nmi = await world.nmi([`--namespace-settings=release/${NAME}`, ...flags]);
    ({ port } = await nmi.ports());
  };
  const settings = (data: Record<string, string>, namespace = 'release') => ({
    ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name: NAME }, data },
  });
  const say = (data: Record<string, string | null>): void => {
    world.kube.state.patch('v1', 'ConfigMap', 'release', NAME, { data });
  };
  const statusOf = async (from: string, path = INSTANCE, headers = METADATA): Promise<number> =>
    (await ask(port, { from, path, headers })).status;
  const eventually = async (from: string, status: number, path?: string): Promise<void> => {
    while ((await statusOf(from, path)) !== status) await systemClock.sleep(10);
  };
  const BLOCK = '{"blockInstanceMetadata":true}';

  it('block instance metadata in one namespace, without a restart, and let it go again', async () => {
    world.kube.state.create(settings({ closed: BLOCK }));
    await start();
    const refused = await ask(port, { from: CLOSED, path: INSTANCE });
    expect([refused.status, JSON.parse(refused.body)]).toEqual([
      403,
      { error: 'access_denied', error_description: 'Request blocked by AAD Pod Identity NMI' },
    ]);
    expect(await statusOf(OPEN)).toBe(200);
    say({ closed: null, open: BLOCK });
    await eventually(OPEN, 403);
    expect(await statusOf(CLOSED)).toBe(200);
    world.kube.state.delete('v1', 'ConfigMap', 'release', NAME);
    await eventually(OPEN, 200);
  });

  it.each<[sentence: string, path: string, headers: Readonly<Record<string, string>>]>([
    ['another case', '/METADATA/Instance/compute?api-version=2021-02-01', METADATA],
    ['another spelling', '/metadata//instance/compute?api-version=2021-02-01', METADATA],
    ['an encoded path', '/metadata/%69nstance/compute?api-version=2021-02-01', METADATA],
    ['dots', '/metadata/versions/../instance/compute?api-version=2021-02-01', METADATA],
    ['the whole of it', '/metadata/instance?api-version=2021-02-01', METADATA],
    ['the headers of a driver', INSTANCE, { Metadata: 'true', podname: 'a', podns: 'open' }],
    [
      'the address of another pod in a header',
      INSTANCE,
      { Metadata: 'true', 'X-Real-IP': OPEN, Forwarded: `for=${OPEN}` },
    ],
  ])('are not got round by %s', async (_sentence, path, headers) => {
    world.kube.state.create(settings({ closed: BLOCK }));
    await start();
    expect([400, 403]).toContain(await statusOf(CLOSED, path, headers));
  });

  it.each<[sentence: string, act: () => void, flags?: string[]]>([
    [
      'a ConfigMap of the same name in the team’s own namespace',
      () => world.kube.state.create(settings({ closed: '{}' }, 'closed')),
    ],
    [
      'an annotation of the namespace',
      () =>
        world.kube.state.patch('v1', 'Namespace', '', 'closed', {
          metadata: { annotations: { blockInstanceMetadata: 'false' } },
        }),
    ],
    [
      'a value that makes no sense, in place of a good one',
      () => {
        say({ closed: 'off' });
      },
    ],
    [
      'a setting that this version does not know',
      () => {
        say({ closed: '{"blockInstanceMetadata":false,"later":true}' });
      },
    ],
  ])('are not loosened by %s', async (_sentence, act) => {
    world.kube.state.create(settings({ closed: BLOCK }));
    await start();
    expect(await statusOf(CLOSED)).toBe(403);
    act();
    // what comes after it has been seen
    say({ open: BLOCK });
    await eventually(OPEN, 403);
    expect(await statusOf(CLOSED)).toBe(403);
  });

  it('never loosen what holds on the node', async () => {
    world.kube.state.create(settings({ open: '{"blockInstanceMetadata":false}' }));
    await start('--block-instance-metadata');
    expect(await statusOf(OPEN)).toBe(403);
  });

  it('that make no sense are one line that says what was found and what is allowed; others hold', async () => {
    world.kube.state.create(settings({ closed: '{"blockInstanceMetadata":"yes"}', open: '' }));
    await start();
    const line = await nmi.line(({ msg }) => msg.startsWith('settings of namespace'));
    expect(line.msg).toBe(
      'settings of namespace closed: blockInstanceMetadata is "yes", allowed are true and false; everything is blocked there',
    );
    expect([await statusOf(CLOSED), await statusOf(OPEN)]).toEqual([403, 200]);
    say({ open: BLOCK });
    await eventually(OPEN, 403);
    expect(nmi.lines.filter(({ msg }) => msg.startsWith('settings of namespace'))).toHaveLength(1);
  });

  it('refuse instance metadata to everybody while they are not known, and to a caller that is no pod', async () => {
    world.kube.faults.add({
      ...{ path: /configmaps/, times: Infinity, action: { kind: 'status', status: 403 } },
    });
    nmi = await world.nmi([`--namespace-settings=release/${NAME}`], { wait: false });
    ({ port } = await nmi.ports());
    await eventually(OPEN, 503);
    world.kube.state.create(settings({ closed: BLOCK }));
    world.kube.faults.clear();
    await eventually(OPEN, 200);
    expect(await statusOf('127.0.7.9')).toBe(503);
  });

  it('cost nobody a look-up where no namespace blocks', async () => {
    world.kube.state.create(settings({ closed: '{"namespaced":true}' }));
    await start();
    expect(await statusOf('127.0.7.9')).toBe(200);
  });

  describe('namespaced', () => {
    /** An identity of namespace `closed` that says nothing of being namespaced, bound to pods of all namespaces. */
    function bind(): void {
      const azure = world.azure.addIdentity({ resourceGroup: 'nodes', name: 'shared' });
      world.azure.state.assign(world.azure.state.resource(world.machine), azure.id);
      const spec = { resourceID: azure.id, clientID: azure.clientId };
      const identity = azureIdentity({ name: 'shared', namespace: 'closed', spec });
      const binding = azureIdentityBinding({ name: 'shared', namespace: 'closed', selector: 'demo' });
      world.kube.state.create(identity);
      world.kube.state.create(binding);
      for (const [name, podNamespace] of [
        ['a', 'open'],
        ['b', 'closed'],
      ] as const)
        world.kube.state.create(azureAssignedIdentity({ pod: name, podNamespace, identity, binding }));
    }

    const tokenOf = async (from: string): Promise<number> => (await ask(port, { from })).status;

    it('keeps the identities of the namespace to its pods, whatever they say themselves', async () => {
      bind();
      world.kube.state.create(settings({}));
      await start();
      expect([await tokenOf(OPEN), await tokenOf(CLOSED)]).toEqual([200, 200]);
      say({ closed: '{"namespaced":true}' });
      while ((await tokenOf(OPEN)) !== 400) await systemClock.sleep(10);
      expect(await tokenOf(CLOSED)).toBe(200);
      say({ closed: '' });
      while ((await tokenOf(OPEN)) !== 200) await systemClock.sleep(10);
    });

    it('holds for everybody while the settings are not known', async () => {
      bind();
      world.kube.faults.add({
        ...{ path: /configmaps/, times: Infinity, action: { kind: 'status', status: 403 } },
      });
      nmi = await world.nmi([`--namespace-settings=release/${NAME}`], { wait: false });
      ({ port } = await nmi.ports());
      while ((await tokenOf(CLOSED)) !== 200) await systemClock.sleep(10);
      expect(await tokenOf(OPEN)).toBe(400);
    });
  });
});
