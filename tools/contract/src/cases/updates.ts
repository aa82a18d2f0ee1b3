import { done, expectFailure, expectInvalid } from '../answers.ts';
import type { Api } from '../api.ts';
import { CONFIG_MAPS, configMap, LEASES, lease, PODS, pod } from '../objects.ts';
import type { Cases } from '../suite.ts';
import { at, textAt } from '../values.ts';

const A = `${CONFIG_MAPS}/a`;
const MODIFIED = 'the object has been modified; please apply your changes to the latest version and try again';
const create = (api: Api, data = {}, metadata = {}) => done(api, `POST ${CONFIG_MAPS}`, configMap('a', data, metadata));
const put = (api: Api, object: object) => api.call(`PUT ${A}`, object);
const conflict = (plural: string, name: string, why: string) =>
  `Operation cannot be fulfilled on ${plural} "${name}": ${why}`;

export const updates: Cases = {
  'a PUT replaces everything but the identity': async (api) => {
    const before = await create(api, { k: 'v' }, { labels: { a: 'b' } });
    const { status, body } = await put(api, configMap('a', { l: 'w' }));
    expect(status).toBe(200);
    expect(at(body, 'data')).toEqual({ l: 'w' });
    expect(at(body, 'metadata')).not.toHaveProperty('labels');
    expect(at(body, 'metadata.uid')).toBe(at(before, 'metadata.uid'));
    expect(at(body, 'metadata.creationTimestamp')).toBe(at(before, 'metadata.creationTimestamp'));
    expect(Number(textAt(body, 'metadata.resourceVersion'))).toBeGreaterThan(
      Number(textAt(before, 'metadata.resourceVersion')),
    );
  },
  'a PUT of the version that is there is taken': async (api) => {
    const { resourceVersion } = at(await create(api), 'metadata') as { resourceVersion: string };
    expect((await put(api, configMap('a', { k: 'w' }, { resourceVersion }))).status).toBe(200);
  },
  'a PUT of an older version is answered 409': async (api) => {
    const { resourceVersion } = at(await create(api), 'metadata') as { resourceVersion: string };
    await put(api, configMap('a', { k: 'w' }));
    const reply = await put(api, configMap('a', { k: 'x' }, { resourceVersion }));
    expectFailure(reply, 409, 'Conflict', conflict('configmaps', 'a', MODIFIED), { name: 'a', kind: 'configmaps' });
  },
  'a PUT of another uid is answered 409': async (api) => {
    const before = await create(api);
    const uids = `UID in precondition: other, UID in object meta: ${textAt(before, 'metadata.uid')}`;
    const key = `Key: /registry/configmaps/${api.namespace}/a, ResourceVersion: 0`;
    const why = `StorageError: invalid object, Code: 4, ${key}, AdditionalErrorMsg: Precondition failed: ${uids}`;
    const reply = await put(api, configMap('a', {}, { uid: 'other' }));
    expectFailure(reply, 409, 'Conflict', conflict('configmaps', 'a', why), { name: 'a', kind: 'configmaps' });
  },
  'a PUT that changes nothing makes no version': async (api) => {
    const before = await create(api, { k: 'v' });
    expect((await put(api, before as object)).body).toEqual(before);
    expect((await put(api, configMap('a', { k: 'v' }))).body).toEqual(before);
  },
  'a PUT of nothing is answered 404': async (api) => {
    expectFailure(await put(api, configMap('a')), 404, 'NotFound', 'configmaps "a" not found', {
      name: 'a',
      kind: 'configmaps',
    });
  },
  'a PUT of another name is refused': async (api) => {
    await create(api);
    const why = 'the name of the object (b) does not match the name on the URL (a)';
    expectFailure(await put(api, configMap('b')), 400, 'BadRequest', why);
  },
  'a PUT of no name is refused': async (api) => {
    await create(api);
    const why = 'the name of the object (a based on URL) was undeterminable: name must be provided';
    expectFailure(await put(api, { apiVersion: 'v1', kind: 'ConfigMap' }), 400, 'BadRequest', why);
  },
  'a lease is created by PUT': async (api) => {
    expect((await api.call(`PUT ${LEASES}/l`, lease('l', { holderIdentity: 'me' }))).status).toBe(201);
  },
  'a lease that is there is replaced only by who names its version': async (api) => {
    const created = await done(api, `POST ${LEASES}`, lease('l'));
    const problem = {
      reason: 'FieldValueInvalid',
      message: 'Invalid value: 0: must be specified for an update',
      field: 'metadata.resourceVersion',
    };
    expectInvalid(await api.call(`PUT ${LEASES}/l`, lease('l')), 'coordination.k8s.io', 'leases', 'l', problem);
    const { resourceVersion } = at(created, 'metadata') as { resourceVersion: string };
    expect((await api.call(`PUT ${LEASES}/l`, lease('l', { holderIdentity: 'me' }, { resourceVersion }))).status).toBe(
      200,
    );
    const details = { name: 'l', group: 'coordination.k8s.io', kind: 'leases' };
    const again = await api.call(`PUT ${LEASES}/l`, lease('l', { holderIdentity: 'you' }, { resourceVersion }));
    expectFailure(again, 409, 'Conflict', conflict('leases.coordination.k8s.io', 'l', MODIFIED), details);
  },
  'of two writers of one version one wins': async (api) => {
    const { resourceVersion } = at(await create(api), 'metadata') as { resourceVersion: string };
    const replies = await Promise.all(
      ['a', 'b', 'c', 'd'].map((k) => put(api, configMap('a', { k }, { resourceVersion }))),
    );
    expect(replies.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409, 409, 409]);
  },
  'a PUT takes finalizers away and adds them': async (api) => {
    await create(api, {}, { finalizers: ['example.com/a'] });
    const { body } = await put(api, configMap('a', {}, { finalizers: ['example.com/b'] }));
    expect(at(body, 'metadata.finalizers')).toEqual(['example.com/b']);
  },
  'the spec of a pod is fixed': async (api) => {
    await done(api, `POST ${PODS}`, pod('p'));
    const reply = await api.call(`PUT ${PODS}/p`, pod('p', { hostNetwork: true }));
    expect(reply.status).toBe(422);
    expect(at(reply.body, 'details.causes.0')).toMatchObject({ reason: 'FieldValueForbidden', field: 'spec' });
  },
  'what is immutable stays': async (api) => {
    await done(api, `POST ${CONFIG_MAPS}`, { ...configMap('a', { k: 'v' }), immutable: true });
    const problem = {
      reason: 'FieldValueForbidden',
      message: 'Forbidden: field is immutable when `immutable` is set',
      field: 'data',
    };
    expectInvalid(await put(api, { ...configMap('a', { k: 'w' }), immutable: true }), '', 'ConfigMap', 'a', problem);
  },
};
