import { configMaps, isKubeError, type KubeError, pods, resource } from '@aad-pod-identity/kube';
import type { Api } from '../api.ts';
import { configMap, pod } from '../objects.ts';
import type { Cases } from '../suite.ts';
import { anyText, at, namesOf, textAt } from '../values.ts';

const place = (api: Api) => ({ namespace: api.namespace });
const ref = (api: Api, name = 'a') => ({ namespace: api.namespace, name });
const make = (api: Api, name = 'a', data = {}, metadata = {}) =>
  api.client.create(configMaps, place(api), configMap(name, data, metadata));

/** How a call fails, as the client tells it. */
async function failureOf(work: Promise<unknown>): Promise<Pick<KubeError, 'code' | 'status' | 'reason'>> {
  try {
    await work;
  } catch (error) {
    if (!isKubeError(error)) throw error;
    const { code, status, reason } = error;
    return { code, ...(status === undefined ? {} : { status }), ...(reason === undefined ? {} : { reason }) };
  }
  throw new Error('the call did not fail');
}

export const client: Cases = {
  'what is created can be read, replaced, patched and deleted': async (api) => {
    const created = await make(api, 'a', { k: 'v' });
    expect(await api.client.get(configMaps, ref(api))).toEqual(created);
    const replaced = await api.client.replace(configMaps, ref(api), configMap('a', { k: 'w' }));
    expect(at(replaced, 'data')).toEqual({ k: 'w' });
    const patched = await api.client.patch(
      configMaps,
      ref(api),
      { data: { l: 'x' } },
      { type: 'merge', fieldManager: 'me' },
    );
    expect(at(patched, 'data')).toEqual({ k: 'w', l: 'x' });
    await api.client.delete(configMaps, ref(api));
    expect(await failureOf(api.client.get(configMaps, ref(api)))).toEqual({
      code: 'notFound',
      status: 404,
      reason: 'NotFound',
    });
  },
  'lists come in pages': async (api) => {
    for (const name of ['a', 'b', 'c']) await make(api, name, {}, { labels: { of: 'case' } });
    const first = await api.client.list(configMaps, { ...place(api), labelSelector: 'of=case', limit: 2 });
    expect(namesOf(first)).toEqual(['a', 'b']);
    const second = await api.client.list(configMaps, {
      ...place(api),
      labelSelector: 'of=case',
      limit: 2,
      continue: first.metadata.continue,
    });
    expect(namesOf(second)).toEqual(['c']);
    expect(second.metadata).toEqual({ resourceVersion: first.metadata.resourceVersion });
  },
  'only what is wanted of items is read': async (api) => {
    await make(api, 'a', { k: 'v' }, { labels: { of: 'case' } });
    const { items } = await api.client.list(configMaps, {
      ...place(api),
      labelSelector: 'of=case',
      fields: { metadata: { name: true } },
    });
    expect(items).toEqual([{ metadata: { name: 'a' } }]);
  },
  'a name that is taken is told apart from a conflict': async (api) => {
    await make(api);
    expect(await failureOf(make(api))).toEqual({ code: 'alreadyExists', status: 409, reason: 'AlreadyExists' });
    const stale = configMap('a', {}, { resourceVersion: '1' });
    expect(await failureOf(api.client.replace(configMaps, ref(api), stale))).toEqual({
      code: 'conflict',
      status: 409,
      reason: 'Conflict',
    });
  },
  'what is invalid is told by its reason': async (api) => {
    expect(await failureOf(make(api, 'A_b'))).toEqual({ code: 'invalid', status: 422, reason: 'Invalid' });
    const none = api.client.list(pods, { ...place(api), fieldSelector: 'spec.oops=1' });
    expect(await failureOf(none)).toEqual({ code: 'invalid', status: 400, reason: 'BadRequest' });
  },
  'a kind that is not installed is not found': async (api) => {
    const nothing = resource({
      group: 'nothing.example.com',
      version: 'v1',
      plural: 'nothings',
      kind: 'Nothing',
      namespaced: true,
    });
    expect(await failureOf(api.client.list(nothing, place(api)))).toEqual({ code: 'notFound', status: 404 });
  },
  'what must not be is forbidden': async (api) => {
    const homeless = pod('p', { serviceAccountName: 'none' });
    expect(await failureOf(api.client.create(pods, place(api), homeless))).toEqual({
      code: 'forbidden',
      status: 403,
      reason: 'Forbidden',
    });
  },
  'each type of patch is taken': async (api) => {
    await make(api, 'a', { k: 'v' });
    const patch = (body: unknown, type: 'merge' | 'json' | 'strategic' | 'apply') =>
      api.client.patch(configMaps, ref(api), body, {
        type,
        fieldManager: 'me',
        ...(type === 'apply' ? { force: true } : {}),
      });
    expect(at(await patch([{ op: 'add', path: '/data/a', value: '1' }], 'json'), 'data.a')).toBe('1');
    expect(at(await patch({ data: { a: '2' } }, 'strategic'), 'data.a')).toBe('2');
    expect(at(await patch(configMap('a', { a: '3' }), 'apply'), 'data.a')).toBe('3');
    expect(at(await patch({ data: { a: null } }, 'merge'), 'data')).toEqual({ k: 'v' });
  },
  'a deletion holds only for the object that is meant': async (api) => {
    const created = await make(api);
    const other = api.client.delete(configMaps, ref(api), { preconditions: { uid: 'other' } });
    expect(await failureOf(other)).toEqual({ code: 'conflict', status: 409, reason: 'Conflict' });
    await api.client.delete(configMaps, ref(api), { preconditions: { uid: textAt(created, 'metadata.uid') } });
  },
  'a status is written at its own path': async (api) => {
    await api.client.create(pods, place(api), pod('a'));
    const patched = await api.client.patch(
      pods,
      ref(api),
      { status: { phase: 'Running' } },
      { type: 'merge', subresource: 'status' },
    );
    expect(at(patched, 'status.phase')).toBe('Running');
  },
  'a token is asked for and comes with its end': async (api) => {
    const token = await api.client.serviceAccountToken(ref(api, 'default'), ['api://x'], 700);
    expect(token).toEqual({ token: anyText, expirationTimestamp: anyText });
    expect(await failureOf(api.client.serviceAccountToken(ref(api, 'none'), [], 700))).toMatchObject({
      code: 'notFound',
    });
  },
};
