import { done } from '../answers.ts';
import type { Cases } from '../suite.ts';
import { at, containing, withFields, withItems } from '../values.ts';
import { sharedWidgets } from '../widgets.ts';

const lists = (body: unknown, path: string) => at(body, path) as { name: string }[];
const AGGREGATED = { accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList' };

export const discovery: Cases = {
  'the core group has one version': async (api) => {
    expect(await done(api, 'GET /api')).toMatchObject({
      kind: 'APIVersions',
      versions: ['v1'],
      serverAddressByClientCIDRs: [withFields({ clientCIDR: '0.0.0.0/0' })],
    });
  },
  'the named groups are listed': async (api) => {
    const body = await done(api, 'GET /apis');
    expect(body).toMatchObject({ kind: 'APIGroupList', apiVersion: 'v1' });
    const names = lists(body, 'groups').map(({ name }) => name);
    const wanted = [
      'apps',
      'authentication.k8s.io',
      'authorization.k8s.io',
      'coordination.k8s.io',
      'policy',
      'rbac.authorization.k8s.io',
      'apiextensions.k8s.io',
    ];
    expect(names).toEqual(withItems(...wanted));
  },
  'one group tells its versions': async (api) => {
    const version = { groupVersion: 'apps/v1', version: 'v1' };
    expect(await done(api, 'GET /apis/apps')).toEqual({
      kind: 'APIGroup',
      apiVersion: 'v1',
      name: 'apps',
      versions: [version],
      preferredVersion: version,
    });
  },
  'a version tells its resources, what can be done with them, and how they are called': async (api) => {
    const body = await done(api, 'GET /api/v1');
    expect(body).toMatchObject({ kind: 'APIResourceList', groupVersion: 'v1' });
    const byName = Object.fromEntries(lists(body, 'resources').map((entry) => [entry.name, entry]));
    expect(byName.pods).toMatchObject({
      singularName: 'pod',
      namespaced: true,
      kind: 'Pod',
      verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
      shortNames: ['po'],
      categories: ['all'],
    });
    expect(byName.namespaces).toMatchObject({
      namespaced: false,
      shortNames: ['ns'],
      verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
    });
    expect(byName['pods/status']).toMatchObject({
      singularName: '',
      namespaced: true,
      kind: 'Pod',
      verbs: ['get', 'patch', 'update'],
    });
    expect(byName['pods/binding']).toMatchObject({ kind: 'Binding', verbs: ['create'] });
    expect(byName['pods/log']).toMatchObject({ kind: 'Pod', verbs: ['get'] });
    expect(byName['serviceaccounts/token']).toMatchObject({
      group: 'authentication.k8s.io',
      version: 'v1',
      kind: 'TokenRequest',
      verbs: ['create'],
    });
  },
  'all of it comes in one document where that is asked for': async (api) => {
    const { status, headers, body } = await api.call('GET /apis', undefined, AGGREGATED);
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList');
    expect(body).toMatchObject({ kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2' });
    const groups = at(body, 'items') as {
      metadata: { name: string };
      versions: { version: string; resources: object[] }[];
    }[];
    const coordination = groups.find(({ metadata }) => metadata.name === 'coordination.k8s.io');
    expect(coordination?.versions[0]).toMatchObject({
      version: 'v1',
      freshness: 'Current',
      resources: withItems(
        withFields({
          resource: 'leases',
          // its group and version are those it stands in
          responseKind: { group: '', version: '', kind: 'Lease' },
          scope: 'Namespaced',
          singularResource: 'lease',
        }),
      ),
    });
  },
  'a custom resource is in the document': async (api) => {
    const { group } = await sharedWidgets(api);
    const has = (body: unknown) => JSON.stringify(body).includes(group);
    await api.until('GET /apis', ({ body }) => has(body));
    const { body } = await api.call('GET /apis', undefined, AGGREGATED);
    const groups = at(body, 'items') as { metadata: { name: string } }[];
    expect(groups.find(({ metadata }) => metadata.name === group)).toMatchObject({
      versions: [
        {
          version: 'v1',
          resources: [{ resource: 'widgets', scope: 'Namespaced', subresources: [{ subresource: 'status' }] }],
        },
      ],
    });
  },
  'the core group has a document of its own': async (api) => {
    const { body } = await api.call('GET /api', undefined, AGGREGATED);
    expect(body).toMatchObject({ kind: 'APIGroupDiscoveryList', items: [{ versions: [{ version: 'v1' }] }] });
  },
  'OpenAPI is there, a document for each version': async (api) => {
    const body = await done(api, 'GET /openapi/v3');
    expect(body).toMatchObject({ paths: { 'api/v1': { serverRelativeURL: containing('/openapi/v3/api/v1?hash=') } } });
    expect(await done(api, 'GET /openapi/v3/apis/coordination.k8s.io/v1')).toMatchObject({
      openapi: '3.0.0',
      components: { schemas: expect.any(Object) as unknown },
    });
  },
};
