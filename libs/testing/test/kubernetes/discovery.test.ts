import { type KubernetesSimulator, startKubernetesSimulator } from '../../src/kubernetes/index.ts';
import { type JsonRecord, recordAt } from '../../src/kubernetes/json.ts';
import { call } from './call.ts';
import { widgetCrd } from './samples.ts';
import { matching, withFields, withItems } from './matchers.ts';

describe('discovery', () => {
  let simulator: KubernetesSimulator;

  beforeEach(async () => {
    simulator = await startKubernetesSimulator({ crds: [widgetCrd()] });
  });
  afterEach(() => simulator.close());

  it.each<[string, object]>([
    ['/api', { kind: 'APIVersions', versions: ['v1'] }],
    ['/apis', { kind: 'APIGroupList', groups: withItems(withFields({ name: 'example.com' })) }],
    ['/apis/apps', { kind: 'APIGroup', name: 'apps', preferredVersion: { groupVersion: 'apps/v1', version: 'v1' } }],
    ['/version', { major: '1', gitVersion: matching(/^v1\./) }],
  ])('answers %s', async (path, expected) => {
    expect((await call(simulator, `GET ${path}`)).body).toMatchObject(expected);
  });

  it('lists the core resources with their subresources', async () => {
    const { body } = await call(simulator, 'GET /api/v1');
    const names = (body.resources as { name: string }[]).map(({ name }) => name);
    expect(names).toEqual(withItems('pods', 'pods/status', 'pods/log', 'nodes/status', 'serviceaccounts/token'));
    expect(body.resources).toContainEqual(
      withFields({ name: 'serviceaccounts/token', group: 'authentication.k8s.io', kind: 'TokenRequest' }),
    );
  });

  it.each(['v2', 'v2beta1'])('aggregates everything as %s', async (version) => {
    const accept = `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;
    const { body, headers } = await call(simulator, 'GET /apis', undefined, { accept });
    expect(headers.get('content-type')).toBe(accept);
    const group = (body.items as JsonRecord[]).find((item) => recordAt(item, 'metadata').name === 'example.com');
    expect(group).toMatchObject({
      versions: [
        {
          version: 'v1',
          resources: [
            {
              resource: 'widgets',
              responseKind: { group: 'example.com', version: 'v1', kind: 'Widget' },
              scope: 'Namespaced',
              shortNames: ['wd'],
              categories: ['all'],
              subresources: [{ subresource: 'status', verbs: ['get', 'patch', 'update'] }],
            },
          ],
        },
      ],
    });
  });

  it('says in OpenAPI that patches can be validated', async () => {
    const index = await call(simulator, 'GET /openapi/v3');
    const { serverRelativeURL } = recordAt(index.body, 'paths', 'apis/example.com/v1');
    const { body } = await call(simulator, `GET ${String(serverRelativeURL)}`);
    const path = '/apis/example.com/v1/namespaces/{namespace}/widgets/{name}';
    expect(recordAt(body, 'paths', path, 'patch')).toMatchObject({
      parameters: withItems(withFields({ name: 'fieldValidation', in: 'query' })),
      'x-kubernetes-group-version-kind': { group: 'example.com', version: 'v1', kind: 'Widget' },
    });
  });

  it('changes the hash of a group when what it serves changes', async () => {
    const hash = async (): Promise<unknown> =>
      recordAt((await call(simulator, 'GET /openapi/v3')).body, 'paths', 'apis/example.com/v1').serverRelativeURL;
    const before = await hash();
    simulator.state.apply(widgetCrd({}));
    expect(await hash()).not.toBe(before);
  });

  it.each(['/healthz', '/livez', '/readyz'])('is healthy at %s', async (path) => {
    expect(await (await fetch(`${simulator.url}${path}`)).text()).toBe('ok');
  });
});
