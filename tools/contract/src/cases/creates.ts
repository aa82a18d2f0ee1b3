import { done, expectFailure, expectInvalid } from '../answers.ts';
import type { Api } from '../api.ts';
import { CONFIG_MAPS, configMap, LEASES, pod, PODS } from '../objects.ts';
import type { Cases } from '../suite.ts';
import { anyText, at, containing, matching, textAt } from '../values.ts';

const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const VALUE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const KEY =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

const post = (api: Api, object: object, query = '') => api.call(`POST ${CONFIG_MAPS}${query}`, object);

function invalid(metadata: object, field: string, message: string, reason = 'FieldValueInvalid', name?: string) {
  return async (api: Api) => {
    const reply = await post(api, { metadata });
    const named = name ?? (metadata as { name?: string }).name ?? '';
    expectInvalid(reply, '', 'ConfigMap', named, { reason, message, field });
  };
}

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
  'a name is made where only its beginning is given': async (api) => {
    const { body } = await post(api, { metadata: { generateName: 'event-' } });
    expect(body).toMatchObject({
      metadata: { generateName: 'event-', name: matching(/^event-[bcdfghjklmnpqrstvwxz2456789]{5}$/) },
    });
  },
  'a name that is given wins over a beginning': async (api) => {
    const { body } = await post(api, { metadata: { name: 'a', generateName: 'event-' } });
    expect(body).toMatchObject({ metadata: { name: 'a', generateName: 'event-' } });
  },
  'a long beginning is cut for a made name': async (api) => {
    const { body } = await post(api, { metadata: { generateName: 'n'.repeat(80) } });
    expect(textAt(body, 'metadata.name')).toMatch(/^n{58}[a-z0-9]{5}$/);
  },
  'labels, annotations, finalizers and owners are kept': async (api) => {
    const given = {
      labels: { 'example.com/a': 'b', empty: '' },
      annotations: { note: 'any text: {"a":1}' },
      finalizers: ['example.com/wait'],
      ownerReferences: [{ apiVersion: 'v1', kind: 'Namespace', name: 'default', uid: 'u' }],
    };
    expect((await post(api, configMap('a', {}, given))).body).toMatchObject({ metadata: given });
  },
  'a name is needed': async (api) => {
    const problem = {
      reason: 'FieldValueRequired',
      message: 'Required value: name or generateName is required',
      field: 'metadata.name',
    };
    expectInvalid(await post(api, { metadata: {} }), '', 'ConfigMap', '', problem);
  },
  'a name must be a domain name': invalid({ name: 'A_b' }, 'metadata.name', `Invalid value: "A_b": ${SUBDOMAIN}`),
  'a name must not be too long': invalid(
    { name: 'a'.repeat(254) },
    'metadata.name',
    `Invalid value: "${'a'.repeat(254)}": must be no more than 253 characters`,
  ),
  "a label's key must be a qualified name": invalid(
    { name: 'a', labels: { 'a b': 'c' } },
    'metadata.labels',
    `Invalid value: "a b": ${KEY}`,
  ),
  "a label's value must be short words": invalid(
    { name: 'a', labels: { a: 'b c' } },
    'metadata.labels',
    `Invalid value: "b c": ${VALUE}`,
  ),
  "a label's value must not be too long": invalid(
    { name: 'a', labels: { a: 'b'.repeat(64) } },
    'metadata.labels',
    `Invalid value: "${'b'.repeat(64)}": must be no more than 63 bytes`,
  ),
  "a finalizer's name must be qualified": async (api) => {
    const reason = 'FieldValueInvalid';
    const standard = 'Invalid value: "a": name is neither a standard finalizer name nor is it fully qualified';
    const problem = { reason, message: standard, field: 'metadata.finalizers[0]' };
    expectInvalid(await post(api, configMap('a', {}, { finalizers: ['a'] })), '', 'ConfigMap', 'a', problem);
  },
  "an annotation's key must be a qualified name": invalid(
    { name: 'a', annotations: { 'a b': 'c' } },
    'metadata.annotations',
    `Invalid value: "a b": ${KEY}`,
  ),
  'a namespace must be in lower case': async (api) => {
    const problem = { reason: 'FieldValueInvalid', message: `Invalid value: "A": ${LABEL}`, field: 'metadata.name' };
    expectInvalid(
      await api.call('POST /api/v1/namespaces', { metadata: { name: 'A' } }),
      '',
      'Namespace',
      'A',
      problem,
    );
  },
  'a namespace must be a single label': async (api) => {
    const problem = {
      reason: 'FieldValueInvalid',
      message: 'Invalid value: "a.b": must not contain dots',
      field: 'metadata.name',
    };
    expectInvalid(
      await api.call('POST /api/v1/namespaces', { metadata: { name: 'a.b' } }),
      '',
      'Namespace',
      'a.b',
      problem,
    );
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
