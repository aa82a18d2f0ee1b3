import { type KubernetesSimulator, startKubernetesSimulator } from '../../src/kubernetes/index.ts';
import { recordAt, stringAt } from '../../src/kubernetes/json.ts';
import { call, MERGE, patch } from './call.ts';
import { podObject, PODS } from './samples.ts';

describe('built-in kinds', () => {
  let simulator: KubernetesSimulator;

  beforeEach(async () => {
    simulator = await startKubernetesSimulator();
  });
  afterEach(() => simulator.close());

  it('ignores a status that is created with a pod, and keeps one that goes to its own path', async () => {
    await call(simulator, `POST ${PODS}`, { ...podObject('a'), status: { phase: 'Running' } });
    expect(stringAt((await call(simulator, `GET ${PODS}/a`)).body, 'status', 'phase')).toBe('Pending');
    await patch(simulator, `${PODS}/a/status`, MERGE, { status: { phase: 'Running' }, spec: { nodeName: 'x' } });
    const { body } = await call(simulator, `GET ${PODS}/a`);
    expect(stringAt(body, 'status', 'phase')).toBe('Running');
    expect(recordAt(body, 'spec')).not.toHaveProperty('nodeName');
    await patch(simulator, `${PODS}/a`, MERGE, { status: { phase: 'Failed' } });
    expect(stringAt((await call(simulator, `GET ${PODS}/a`)).body, 'status', 'phase')).toBe('Running');
  });

  it('creates a lease by PUT, and asks for its revision when it is there', async () => {
    const path = '/apis/coordination.k8s.io/v1/namespaces/default/leases/lock';
    const lease = { metadata: { name: 'lock' }, spec: { holderIdentity: 'me' } };
    expect((await call(simulator, `PUT ${path}`, lease)).status).toBe(201);
    const again = await call(simulator, `PUT ${path}`, lease);
    expect(again.status).toBe(422);
    expect(again.body.message).toBe(
      'leases.coordination.k8s.io "lock" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
    );
  });

  it('keeps the plain text of a secret encoded', async () => {
    const path = '/api/v1/namespaces/default/secrets';
    const { body } = await call(simulator, `POST ${path}`, { metadata: { name: 's' }, stringData: { k: 'plain' } });
    expect(body).toMatchObject({ type: 'Opaque', data: { k: 'cGxhaW4=' } });
    expect(body).not.toHaveProperty('stringData');
  });

  it.each([
    ['drops unknown fields of a built-in kind with a warning', '', 201, '299 - "unknown field \\"spec.colour\\""'],
    ['drops them silently when told to ignore them', '?fieldValidation=Ignore', 201, null],
    ['refuses them when told to be strict', '?fieldValidation=Strict', 400, null],
  ])('%s', async (_what, query, status, warning) => {
    const pod = { ...podObject('p'), spec: { ...podObject('p').spec, colour: 'red' } };
    const reply = await call(simulator, `POST ${PODS}${query}`, pod);
    expect(reply.status).toBe(status);
    expect(reply.headers.get('warning')).toBe(warning);
    if (status === 400) {
      expect(reply.body.message).toBe(
        'Pod in version "v1" cannot be handled as a Pod: strict decoding error: unknown field "spec.colour"',
      );
    } else expect(recordAt(reply.body, 'spec')).not.toHaveProperty('colour');
  });

  it('refuses to change what is fixed in a pod', async () => {
    await call(simulator, `POST ${PODS}`, podObject('p'));
    const image = [{ op: 'replace', path: '/spec/containers/0/image', value: 'demo:2' }];
    expect((await patch(simulator, `${PODS}/p`, 'application/json-patch+json', image)).status).toBe(200);
    const { status, body } = await patch(simulator, `${PODS}/p`, MERGE, { spec: { hostNetwork: true } });
    expect(status).toBe(422);
    expect(body.message).toContain('spec: Forbidden: pod updates may not change fields other than');
  });

  it('has the namespaces, accounts and certificates of a fresh cluster', async () => {
    const names = async (path: string): Promise<string[]> =>
      ((await call(simulator, `GET ${path}`)).body.items as { metadata: { name: string } }[]).map(
        (o) => o.metadata.name,
      );
    expect(await names('/api/v1/namespaces')).toEqual(['default', 'kube-node-lease', 'kube-public', 'kube-system']);
    expect(await names('/api/v1/namespaces/kube-system/serviceaccounts')).toEqual(['default']);
    await call(simulator, 'POST /api/v1/namespaces', { metadata: { name: 'mine' } });
    expect(await names('/api/v1/namespaces/mine/serviceaccounts')).toEqual(['default']);
    expect(await names('/api/v1/namespaces/mine/configmaps')).toEqual(['kube-root-ca.crt']);
  });

  it('lets a scheduler bind a pod once', async () => {
    await call(simulator, `POST ${PODS}`, podObject('p'));
    const binding = {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name: 'p' },
      target: { kind: 'Node', name: 'n1' },
    };
    expect((await call(simulator, `POST ${PODS}/p/binding`, binding)).status).toBe(201);
    const { body } = await call(simulator, `GET ${PODS}/p`);
    expect(body).toMatchObject({
      spec: { nodeName: 'n1' },
      status: { conditions: [{ type: 'PodScheduled', status: 'True' }] },
    });
    expect((await call(simulator, `POST ${PODS}/p/binding`, binding)).status).toBe(409);
  });
});
