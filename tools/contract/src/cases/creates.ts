import { done, expectFailure } from '../answers.ts';
import type { Api } from '../api.ts';
import { CONFIG_MAPS, configMap, LEASES, pod, PODS } from '../objects.ts';
import type { Cases } from '../suite.ts';
import { anyText, at, containing, matching, textAt } from '../values.ts';

const post = (api: Api, object: object, query = '') => api.call(`POST ${CONFIG_MAPS}${query}`, object);

function bad(order: string, body: unknown, message: unknown, headers: Record<string, string> = {}) {
  return async (api: Api) => {
    expectFailure(await api.call(order, body, headers), 400, 'BadRequest', message);
  };
}

export const creates: Cases = {
  'a new object gets an id, a version, its time and its manager': async (api) => {
    const { status, body } = await post(api, configMap('a', { k: 'v' }));
    expect(status).toBe(201);
    expect(body).toEqual({
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: {
        name: 'a',
        namespace: api.namespace,
        uid: matching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
        resourceVersion: matching(/^\d+$/),
        creationTimestamp: matching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        managedFields: [
          {
            manager: 'contract',
            operation: 'Update',
            apiVersion: 'v1',
            time: anyText,
            fieldsType: 'FieldsV1',
            fieldsV1: { 'f:data': { '.': {}, 'f:k': {} } },
          },
        ],
      },
      data: { k: 'v' },
    });
  },
  'kind and version of the body may be left out for a built-in kind': async (api) => {
    expect(await post(api, { metadata: { name: 'a' } })).toMatchObject({
      status: 201,
      body: { kind: 'ConfigMap', apiVersion: 'v1' },
    });
  },
  'what only the server decides is not taken from the body': async (api) => {
    const forged = {
      uid: 'x',
      creationTimestamp: '2020-01-01T00:00:00Z',
      deletionTimestamp: '2020-01-01T00:00:00Z',
      deletionGracePeriodSeconds: 3,
    };
    const { body } = await post(api, configMap('a', {}, forged));
    const metadata = at(body, 'metadata');
    expect(metadata).not.toHaveProperty('deletionTimestamp');
    expect(metadata).not.toHaveProperty('deletionGracePeriodSeconds');
    expect(textAt(metadata, 'uid')).not.toBe('x');
    expect(textAt(metadata, 'creationTimestamp')).not.toContain('2020');
  },
  'pods count the changes of what is wanted of them': async (api) => {
    expect(at(await done(api, `POST ${PODS}`, pod('a')), 'metadata.generation')).toBe(1);
  },
  'a name that is taken is answered 409': async (api) => {
    await post(api, configMap('a'));
    const details = { name: 'a', kind: 'configmaps' };
    expectFailure(await post(api, configMap('a')), 409, 'AlreadyExists', 'configmaps "a" already exists', details);
  },
  'a name that is taken in a named group is answered with the group': async (api) => {
    const lease = { metadata: { name: 'a' } };
    await done(api, `POST ${LEASES}`, lease);
    const details = { name: 'a', group: 'coordination.k8s.io', kind: 'leases' };
    const why = 'leases.coordination.k8s.io "a" already exists';
    expectFailure(await api.call(`POST ${LEASES}`, lease), 409, 'AlreadyExists', why, details);
  },
  'a version in a new object is refused': async (api) => {
    const why = 'resourceVersion should not be set on objects to be created';
    expectFailure(await post(api, configMap('a', {}, { resourceVersion: '1' })), 500, '', why);
  },
  'a namespace that is not there takes nothing': async (api) => {
    const reply = await api.call('POST /api/v1/namespaces/none-*/configmaps', configMap('a'));
    const name = `none-${api.word}`;
    expectFailure(reply, 404, 'NotFound', `namespaces "${name}" not found`, { name, kind: 'namespaces' });
  },
  'a body of another namespace is refused': bad(
    `POST ${CONFIG_MAPS}`,
    configMap('a', {}, { namespace: 'default' }),
    'the namespace of the provided object does not match the namespace sent on the request',
  ),
  'a body of another kind is refused': bad(
    `POST ${CONFIG_MAPS}`,
    pod('a'),
    'Pod in version "v1" cannot be handled as a ConfigMap: converting (v1.Pod) to (core.ConfigMap): unknown conversion',
  ),
  'a body of an unknown kind is refused': bad(
    `POST ${CONFIG_MAPS}`,
    { apiVersion: 'v1', kind: 'Oddity', metadata: { name: 'a' } },
    'Oddity in version "v1" cannot be handled as a ConfigMap: no kind "Oddity" is registered for version "v1" in scheme "pkg/runtime/scheme.go:111"',
  ),
  'a body of another version is refused': bad(
    `POST ${CONFIG_MAPS}`,
    { apiVersion: 'v2', kind: 'ConfigMap', metadata: { name: 'a' } },
    'ConfigMap in version "v2" cannot be handled as a ConfigMap: no kind "ConfigMap" is registered for version "v2" in scheme "pkg/runtime/scheme.go:111"',
  ),
  'a body that is no JSON is refused': bad(
    `POST ${CONFIG_MAPS}`,
    'nonsense',
    containing("couldn't get version/kind; json parse error:"),
  ),
  'a body that is no object is refused': bad(
    `POST ${CONFIG_MAPS}`,
    [],
    containing("couldn't get version/kind; json parse error: json: cannot unmarshal array into Go value of type"),
  ),
  'no body is refused': async (api) => {
    expect((await api.call(`POST ${CONFIG_MAPS}`, '')).status).toBe(400);
  },
  'a field of the wrong type is refused': bad(
    `POST ${CONFIG_MAPS}`,
    { metadata: { name: 'a' }, data: { k: 1 } },
    'ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap.data of type string',
  ),
  'a collection of all namespaces takes nothing': async (api) => {
    const reply = await api.call('POST /api/v1/configmaps', configMap('a'));
    expectFailure(
      reply,
      405,
      'MethodNotAllowed',
      'the server does not allow this method on the requested resource',
      {},
    );
  },
  'YAML is read where the media type says so': async (api) => {
    const yaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  k: v\n';
    const reply = await api.call(`POST ${CONFIG_MAPS}`, yaml, { 'content-type': 'application/yaml' });
    expect(reply).toMatchObject({ status: 201, body: { data: { k: 'v' } } });
  },
  'another media type is refused': async (api) => {
    const reply = await api.call(`POST ${CONFIG_MAPS}`, configMap('a'), { 'content-type': 'text/plain' });
    const why =
      'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf';
    expectFailure(reply, 415, 'UnsupportedMediaType', why);
  },
  'a body that is too large is refused': async (api) => {
    const reply = await api.call(`POST ${CONFIG_MAPS}`, configMap('a', { k: 'x'.repeat(4 * 1024 * 1024) }));
    expectFailure(reply, 413, 'RequestEntityTooLarge', 'Request entity too large: limit is 3145728');
  },
};
