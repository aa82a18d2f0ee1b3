import { done, expectFailure, expectInvalid } from '../answers.ts';
import type { Api } from '../api.ts';
import { CONFIG_MAPS, configMap, JSON_PATCH, LEASES, lease, MERGE, pod, PODS } from '../objects.ts';
import type { Cases } from '../suite.ts';
import { anyText, at, namesOf, textAt } from '../values.ts';

const A = `${CONFIG_MAPS}/a`;
const HELD = { finalizers: ['example.com/wait'] };
const create = (api: Api, metadata: object = {}) => done(api, `POST ${CONFIG_MAPS}`, configMap('a', {}, metadata));
const remove = (api: Api, options?: object, query = '') => api.call(`DELETE ${A}${query}`, options);
const gone = async (api: Api, path = A) => (await api.call(`GET ${path}`)).status === 404;

async function runningPod(api: Api): Promise<void> {
  await done(api, `POST ${PODS}`, pod('p', { nodeName: 'somewhere' }));
}

const conflict = (why: string) => `Operation cannot be fulfilled on ConfigMap "a": ${why}`;
const NAMED = { name: 'a', kind: 'ConfigMap' };

export const deletes: Cases = {
  'a deletion is told with name, kind and uid': async (api) => {
    const before = await create(api);
    const { status, body } = await remove(api);
    expect(status).toBe(200);
    expect(body).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: { name: 'a', kind: 'configmaps', uid: textAt(before, 'metadata.uid') },
    });
    expect(await gone(api)).toBe(true);
  },
  'a deletion in a named group is told with the group': async (api) => {
    await done(api, `POST ${LEASES}`, lease('a'));
    const details = { name: 'a', group: 'coordination.k8s.io', kind: 'leases', uid: anyText };
    expect((await api.call(`DELETE ${LEASES}/a`)).body).toMatchObject({ status: 'Success', details });
  },
  'what is not there can not be deleted': async (api) => {
    expectFailure(await remove(api), 404, 'NotFound', 'configmaps "a" not found', { name: 'a', kind: 'configmaps' });
  },
  'a finalizer keeps the object, marked, until it is taken away': async (api) => {
    const before = await create(api, HELD);
    const { status, body } = await remove(api);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      kind: 'ConfigMap',
      metadata: { deletionTimestamp: anyText, deletionGracePeriodSeconds: 0 },
    });
    expect(at(body, 'metadata.uid')).toBe(at(before, 'metadata.uid'));
    const last = await api.call(`PATCH ${A}`, { metadata: { finalizers: null } }, MERGE);
    expect(last.status).toBe(200);
    expect(at(last.body, 'metadata')).not.toHaveProperty('finalizers');
    expect(await gone(api)).toBe(true);
  },
  'a second deletion of what is held changes nothing': async (api) => {
    await create(api, HELD);
    const first = await remove(api);
    const second = await remove(api);
    expect(second.status).toBe(200);
    expect(at(second.body, 'metadata')).toEqual(at(first.body, 'metadata'));
  },
  'an object that is being deleted can still be changed': async (api) => {
    await create(api, HELD);
    await remove(api);
    expect(at(await done(api, `PATCH ${A}`, { data: { k: 'v' } }, MERGE), 'data')).toEqual({ k: 'v' });
  },
  'the deletion mark can not be taken away': async (api) => {
    await create(api, HELD);
    const { body } = await remove(api);
    const after = await done(api, `PATCH ${A}`, { metadata: { deletionTimestamp: null } }, MERGE);
    expect(at(after, 'metadata.deletionTimestamp')).toBe(at(body, 'metadata.deletionTimestamp'));
  },
  'no finalizer can be added to what is being deleted': async (api) => {
    await create(api, HELD);
    await remove(api);
    const { status, body } = await api.call(
      `PATCH ${A}`,
      [{ op: 'add', path: '/metadata/finalizers/-', value: 'example.com/more' }],
      JSON_PATCH,
    );
    expect(status).toBe(422);
    expect(at(body, 'details.causes.0')).toEqual({
      reason: 'FieldValueForbidden',
      message:
        'Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"example.com/more"}',
      field: 'metadata.finalizers',
    });
  },
  'of two finalizers the last decides': async (api) => {
    await create(api, { finalizers: ['example.com/a', 'example.com/b'] });
    await remove(api);
    await done(api, `PATCH ${A}`, { metadata: { finalizers: ['example.com/b'] } }, MERGE);
    expect(await gone(api)).toBe(false);
    await done(api, `PATCH ${A}`, { metadata: { finalizers: [] } }, MERGE);
    expect(await gone(api)).toBe(true);
  },
  'a name that is being deleted is still taken': async (api) => {
    await create(api, HELD);
    await remove(api);
    const reply = await api.call(`POST ${CONFIG_MAPS}`, configMap('a'));
    const why = 'object is being deleted: configmaps "a" already exists';
    expectFailure(reply, 409, 'AlreadyExists', why, { name: 'a', kind: 'configmaps' });
  },
  'a uid that is expected must be the one': async (api) => {
    const before = await create(api);
    const uid = textAt(before, 'metadata.uid');
    const why = conflict(
      `the UID in the precondition (other) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
    );
    expectFailure(await remove(api, { preconditions: { uid: 'other' } }), 409, 'Conflict', why, NAMED);
    expect((await remove(api, { preconditions: { uid } })).status).toBe(200);
  },
  'a version that is expected must be the one': async (api) => {
    const resourceVersion = textAt(await create(api), 'metadata.resourceVersion');
    const after = await done(api, `PATCH ${A}`, { data: { k: 'v' } }, MERGE);
    const now = textAt(after, 'metadata.resourceVersion');
    const why = conflict(
      `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${now}). The object might have been modified`,
    );
    expectFailure(await remove(api, { preconditions: { resourceVersion } }), 409, 'Conflict', why, NAMED);
    expect((await remove(api, { preconditions: { resourceVersion: now } })).status).toBe(200);
  },
  'a dry run deletes nothing': async (api) => {
    await create(api);
    expect((await remove(api, undefined, '?dryRun=All')).body).toMatchObject({ status: 'Success' });
    expect((await remove(api, { dryRun: ['All'] })).body).toMatchObject({ status: 'Success' });
    expect(await gone(api)).toBe(false);
  },
  'another dry run is refused': async (api) => {
    await create(api);
    const message = 'Unsupported value: ["Some"]: supported values: "All"';
    const problem = { reason: 'FieldValueNotSupported', message, field: 'dryRun' };
    expectInvalid(await remove(api, undefined, '?dryRun=Some'), 'meta.k8s.io', 'DeleteOptions', '', problem);
    expectInvalid(await remove(api, { dryRun: ['Some'] }), 'meta.k8s.io', 'DeleteOptions', '', problem);
    expect(await gone(api)).toBe(false);
  },
  'the propagation is named in the answer where somebody has to act on it': async (api) => {
    await create(api);
    const { status, body } = await remove(api, { propagationPolicy: 'Foreground' });
    expect(status).toBe(200);
    expect(at(body, 'metadata.finalizers')).toEqual(['foregroundDeletion']);
    await api.until(`GET ${A}`, (reply) => reply.status === 404);
  },
  'orphans are left by a finalizer, too': async (api) => {
    await create(api);
    const { body } = await remove(api, { propagationPolicy: 'Orphan' });
    expect(at(body, 'metadata.finalizers')).toEqual(['orphan']);
    await api.until(`GET ${A}`, (reply) => reply.status === 404);
  },
  'in the background nobody has to act': async (api) => {
    await create(api);
    expect((await remove(api, { propagationPolicy: 'Background' })).body).toMatchObject({ status: 'Success' });
    expect(await gone(api)).toBe(true);
  },
  'another propagation is refused': async (api) => {
    await create(api);
    const message = 'Unsupported value: "Sideways": supported values: "Foreground", "Background", "Orphan", "nil"';
    const problem = { reason: 'FieldValueNotSupported', message, field: 'propagationPolicy' };
    expectInvalid(await remove(api, { propagationPolicy: 'Sideways' }), 'meta.k8s.io', 'DeleteOptions', '', problem);
  },
  'options may come with the query': async (api) => {
    await create(api);
    const { body } = await remove(api, undefined, '?propagationPolicy=Foreground');
    expect(at(body, 'metadata.finalizers')).toEqual(['foregroundDeletion']);
  },
  'a pod that runs is marked for its grace period, and the answer is the pod': async (api) => {
    await runningPod(api);
    const { status, body } = await api.call(`DELETE ${PODS}/p`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      kind: 'Pod',
      metadata: { deletionTimestamp: anyText, deletionGracePeriodSeconds: 30 },
    });
    const shorter = await api.call(`DELETE ${PODS}/p`, { gracePeriodSeconds: 5 });
    expect(at(shorter.body, 'metadata.deletionGracePeriodSeconds')).toBe(5);
    const longer = await api.call(`DELETE ${PODS}/p`, { gracePeriodSeconds: 60 });
    expect(at(longer.body, 'metadata.deletionGracePeriodSeconds')).toBe(5);
  },
  'a pod goes at once with no grace': async (api) => {
    await runningPod(api);
    expect((await api.call(`DELETE ${PODS}/p`, { gracePeriodSeconds: 0 })).body).toMatchObject({ kind: 'Pod' });
    expect(await gone(api, `${PODS}/p`)).toBe(true);
  },
  'a pod that has no node goes at once': async (api) => {
    await done(api, `POST ${PODS}`, pod('p'));
    await api.call(`DELETE ${PODS}/p`);
    expect(await gone(api, `${PODS}/p`)).toBe(true);
  },
  'a collection is deleted by its selector, and told as a list': async (api) => {
    for (const [name, of] of [
      ['a', 'x'],
      ['b', 'x'],
      ['c', 'y'],
    ] as const) {
      await done(api, `POST ${LEASES}`, lease(name, {}, { labels: { of } }));
    }
    const { status, body } = await api.call(`DELETE ${LEASES}?labelSelector=of=x`);
    expect(status).toBe(200);
    expect(at(body, 'kind')).toBe('LeaseList');
    expect(namesOf(body)).toEqual(['a', 'b']);
    expect(namesOf(await done(api, `GET ${LEASES}`))).toEqual(['c']);
  },
};
