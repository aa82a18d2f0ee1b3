import { done, expectFailure } from '../answers.ts';
import type { Api } from '../api.ts';
import { CONFIG_MAPS, configMap, PODS } from '../objects.ts';
import type { Cases } from '../suite.ts';
import { anyText, at, containing, withFields, withItems } from '../values.ts';
import { installWidgets } from '../widgets.ts';

const NOT_FOUND = 'the server could not find the requested resource';
const NOT_ALLOWED = 'the server does not allow this method on the requested resource';

const fails =
  (code: number, reason: string, message: string, ...orders: string[]) =>
  async (api: Api) => {
    for (const order of orders) expectFailure(await api.call(order), code, reason, message, {});
  };

const lists = (body: unknown, path: string) => at(body, path) as { name: string }[];
const AGGREGATED = { accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList' };

export const protocol: Cases = {
  'a resource that is not there is answered 404': fails(
    404,
    'NotFound',
    NOT_FOUND,
    'GET /api/v1/nopes',
    'GET /api/v1/@/nopes/x',
    'GET /apis/apps/v1/nopes',
    'GET /api/v1/pods/x',
  ),
  'a part of an object that is not there is answered 404': fails(
    404,
    'NotFound',
    NOT_FOUND,
    'GET /api/v1/@/pods/x/nope',
    'GET /api/v1/@/configmaps/x/status',
  ),
  'a path that leads nowhere is answered 404 in plain text': async (api) => {
    for (const path of ['/nope', '/apis/nope.example.com', '/apis/nope.example.com/v1']) {
      const { status, headers, body } = await api.call(`GET ${path}`);
      expect([status, headers['content-type'], body]).toEqual([
        404,
        'text/plain; charset=utf-8',
        '404 page not found\n',
      ]);
    }
  },
  'an object that is not there is answered 404 with its name': async (api) => {
    const details = { name: 'none', kind: 'pods' };
    expectFailure(await api.call(`GET ${PODS}/none`), 404, 'NotFound', 'pods "none" not found', details);
    expectFailure(await api.call(`GET ${PODS}/none/status`), 404, 'NotFound', 'pods "none" not found', details);
  },
  'a method that does not fit is answered 405': fails(
    405,
    'MethodNotAllowed',
    NOT_ALLOWED,
    'PUT /api/v1/@/pods',
    'PATCH /api/v1/nodes',
    'POST /api/v1/@/pods/x',
    'DELETE /api/v1/@/pods/x/status',
    'GET /apis/authentication.k8s.io/v1/tokenreviews',
    'DELETE /api/v1/namespaces',
  ),
  'a form that the server does not have is answered 406': async (api) => {
    const reply = await api.call(`GET ${PODS}`, undefined, { accept: 'text/html' });
    const forms =
      'application/json, application/yaml, application/vnd.kubernetes.protobuf, application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch';
    expectFailure(reply, 406, 'NotAcceptable', `406: Not Acceptable\n\nAvailable representations: ${forms}`, {});
  },
  'any form means JSON': async (api) => {
    const { headers } = await api.call(`GET ${CONFIG_MAPS}`, undefined, { accept: '*/*' });
    expect(headers['content-type']).toBe('application/json');
  },
  'the server says that it is well': async (api) => {
    for (const path of ['/healthz', '/livez', '/readyz']) {
      const { status, headers, body } = await api.call(`GET ${path}`);
      expect([status, headers['content-type'], body]).toEqual([200, 'text/plain; charset=utf-8', 'ok']);
    }
  },
  'the server says which release it is': async (api) => {
    expect(await done(api, 'GET /version')).toMatchObject({
      major: '1',
      minor: anyText,
      gitVersion: containing('v1.'),
      platform: anyText,
    });
  },
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
    const { group } = await installWidgets(api);
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
  'HEAD is no way to read': async (api) => {
    await done(api, `POST ${CONFIG_MAPS}`, configMap('a'));
    expect((await api.call(`HEAD ${CONFIG_MAPS}/a`)).status).toBe(405);
  },
};
