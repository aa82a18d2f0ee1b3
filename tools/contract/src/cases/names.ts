import { expectInvalid } from '../answers.ts';
import type { Api } from '../api.ts';
import { CONFIG_MAPS, configMap } from '../objects.ts';
import type { Cases } from '../suite.ts';
import { matching, textAt } from '../values.ts';

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

export const names: Cases = {
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
};
