import { done, expectFailure, failure } from '../answers.ts';
import type { Api } from '../api.ts';
import { CONFIG_MAPS, configMap, LEASES, lease, MERGE } from '../objects.ts';
import type { Cases } from '../suite.ts';
import { anyText, at, itemsOf, matching, namesOf, textAt } from '../values.ts';

const LABELLED = `${CONFIG_MAPS}?labelSelector=of=case`;
const list = (api: Api, query = '') => done(api, `GET ${LABELLED}${query}`);

async function make(api: Api, ...names: string[]): Promise<void> {
  for (const name of names) await done(api, `POST ${CONFIG_MAPS}`, configMap(name, {}, { labels: { of: 'case' } }));
}

async function makeLeases(api: Api, ...names: string[]): Promise<void> {
  for (const name of names) await done(api, `POST ${LEASES}`, lease(name));
}

const CONTINUE_EXPIRED =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without ' +
  'the continue parameter, or use the continue token in this response to retrieve the remainder of the results. ' +
  'Continuing with the provided token results in an inconsistent list - objects that were created, modified, or ' +
  'deleted between the time the first chunk was returned and now may show up in the list.';

const version = (listed: unknown): string => textAt(listed, 'metadata.resourceVersion');

export const lists: Cases = {
  'a list of a built-in kind names its kind once, not in every item': async (api) => {
    await make(api, 'a');
    expect(await list(api)).toEqual({
      kind: 'ConfigMapList',
      apiVersion: 'v1',
      metadata: { resourceVersion: matching(/^\d+$/) },
      items: [{ metadata: expect.any(Object) as unknown, data: undefined }],
    });
  },
  'an empty list has items, and so has one of a namespace that is not there': async (api) => {
    expect(await list(api)).toMatchObject({ kind: 'ConfigMapList', items: [] });
    const none = await api.call('GET /api/v1/namespaces/none-*/configmaps');
    expect(none).toMatchObject({ status: 200, body: { kind: 'ConfigMapList', items: [] } });
  },
  'items come in the order of their names': async (api) => {
    await make(api, 'b', 'a', 'a-1', 'a.1', 'c');
    expect(namesOf(await list(api))).toEqual(['a', 'a-1', 'a.1', 'b', 'c']);
  },
  'the list of all namespaces holds those of each': async (api) => {
    await make(api, 'a');
    const all = await done(api, `GET /api/v1/configmaps?fieldSelector=metadata.namespace=${api.namespace}`);
    expect(namesOf(all)).toEqual(['a', 'kube-root-ca.crt']);
  },
  'a limit cuts the list into pages and tells how many items are left': async (api) => {
    await makeLeases(api, 'a', 'b', 'c', 'd', 'e');
    const first = await done(api, `GET ${LEASES}?limit=2`);
    expect(namesOf(first)).toEqual(['a', 'b']);
    expect(at(first, 'metadata')).toEqual({ resourceVersion: anyText, continue: anyText, remainingItemCount: 3 });
    const second = await done(api, `GET ${LEASES}?limit=2&continue=${textAt(first, 'metadata.continue')}`);
    expect(namesOf(second)).toEqual(['c', 'd']);
    expect(at(second, 'metadata.remainingItemCount')).toBe(1);
    expect(version(second)).toBe(version(first));
    const third = await done(api, `GET ${LEASES}?limit=2&continue=${textAt(second, 'metadata.continue')}`);
    expect(namesOf(third)).toEqual(['e']);
    expect(at(third, 'metadata')).toEqual({ resourceVersion: version(first) });
  },
  'a page may be of another size than the one before, or be the rest': async (api) => {
    await makeLeases(api, 'a', 'b', 'c', 'd');
    const first = await done(api, `GET ${LEASES}?limit=1`);
    expect(namesOf(await done(api, `GET ${LEASES}?continue=${textAt(first, 'metadata.continue')}`))).toEqual([
      'b',
      'c',
      'd',
    ]);
  },
  'a page that holds all there is has no continuation': async (api) => {
    await makeLeases(api, 'a', 'b');
    expect(at(await done(api, `GET ${LEASES}?limit=2`), 'metadata')).toEqual({ resourceVersion: anyText });
  },
  'pages with a selector do not tell how many items are left': async (api) => {
    await make(api, 'a', 'b', 'c');
    const first = await list(api, '&limit=2');
    expect(namesOf(first)).toEqual(['a', 'b']);
    expect(at(first, 'metadata')).toEqual({ resourceVersion: anyText, continue: anyText });
  },
  'later pages show the collection as it was at the first': async (api) => {
    await makeLeases(api, 'a', 'b', 'c');
    const first = await done(api, `GET ${LEASES}?limit=1`);
    await done(api, `DELETE ${LEASES}/b`);
    await done(api, `POST ${LEASES}`, lease('d'));
    await done(api, `PATCH ${LEASES}/c`, { metadata: { labels: { a: 'b' } } }, MERGE);
    const rest = await done(api, `GET ${LEASES}?continue=${textAt(first, 'metadata.continue')}`);
    expect(namesOf(rest)).toEqual(['b', 'c']);
    expect(at(rest, 'items.1.metadata.labels')).toBeUndefined();
  },
  'a revision that is forgotten is answered 410, and a continuation of it with one that goes on from now': async (
    api,
  ) => {
    await makeLeases(api, 'a', 'b', 'c');
    const first = await done(api, `GET ${LEASES}?limit=1`);
    await done(api, `POST ${LEASES}`, lease('d'));
    await api.compact();
    const page = `GET ${LEASES}?limit=2&continue=${textAt(first, 'metadata.continue')}`;
    const gone = await api.until(page, ({ status }) => status === 410);
    expect(gone.body).toEqual({ ...failure(410, 'Expired', CONTINUE_EXPIRED), metadata: { continue: anyText } });
    const rest = await done(api, `GET ${LEASES}?continue=${textAt(gone.body, 'metadata.continue')}`);
    expect(namesOf(rest)).toEqual(['b', 'c', 'd']);
    const past = await api.call(`GET ${LEASES}?resourceVersion=1&resourceVersionMatch=Exact`);
    expectFailure(past, 410, 'Expired', 'The resourceVersion for the provided list is too old.');
  },
  'version 0 takes what is cached, which is all of it here': async (api) => {
    await make(api, 'a');
    await api.until(`GET ${LABELLED}&resourceVersion=0`, ({ body }) => itemsOf(body).length === 1);
  },
  'at least a version is what a plain version asks for': async (api) => {
    await make(api, 'a');
    const before = version(await list(api));
    await make(api, 'b');
    expect(namesOf(await list(api, `&resourceVersion=${before}&resourceVersionMatch=NotOlderThan`))).toContain('a');
    const now = version(await list(api));
    expect(namesOf(await list(api, `&resourceVersion=${now}`))).toEqual(['a', 'b']);
  },
  'exactly a version shows the past': async (api) => {
    await make(api, 'a');
    const before = version(await list(api));
    await make(api, 'b');
    await done(api, `DELETE ${CONFIG_MAPS}/a`);
    const past = await list(api, `&resourceVersion=${before}&resourceVersionMatch=Exact`);
    expect(namesOf(past)).toEqual(['a']);
    expect(version(past)).toBe(before);
  },
  'a version of the future is answered 504 and asked to try again': async (api) => {
    const reply = await api.call(`GET ${LABELLED}&resourceVersion=99999999`);
    expectFailure(reply, 504, 'Timeout', matching(/^Timeout: Too large resource version: 99999999, current: \d+$/), {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    });
  },
  'metadata alone can be asked for': async (api) => {
    await make(api, 'a');
    const accept = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';
    const { body } = await api.call(`GET ${LABELLED}`, undefined, { accept });
    expect(body).toEqual({
      kind: 'PartialObjectMetadataList',
      apiVersion: 'meta.k8s.io/v1',
      metadata: { resourceVersion: anyText },
      items: [{ kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: expect.any(Object) as unknown }],
    });
  },
};
