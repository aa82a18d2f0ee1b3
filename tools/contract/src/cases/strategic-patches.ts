import { done, expectFailure } from '../answers.ts';
import type { Api } from '../api.ts';
import { CONFIG_MAPS, configMap, pod, PODS, STRATEGIC } from '../objects.ts';
import type { Cases } from '../suite.ts';
import { at } from '../values.ts';
import { sharedWidgets } from '../widgets.ts';

const A = `${CONFIG_MAPS}/a`;
const create = (api: Api, data = {}, metadata = {}) => done(api, `POST ${CONFIG_MAPS}`, configMap('a', data, metadata));
const strategic = (api: Api, patch: unknown, path = `${PODS}/p`) => api.call(`PATCH ${path}`, patch, STRATEGIC);
const twoContainers = {
  containers: [
    { name: 'a', image: 'a:1', env: [{ name: 'X', value: '1' }] },
    { name: 'b', image: 'b:1' },
  ],
};

export const strategicPatches: Cases = {
  'a strategic patch merges containers by their names': async (api) => {
    await done(api, `POST ${PODS}`, pod('p', twoContainers));
    const { status, body } = await strategic(api, { spec: { containers: [{ name: 'b', image: 'b:2' }] } });
    expect(status).toBe(200);
    expect(at(body, 'spec.containers.0')).toMatchObject({ name: 'a', image: 'a:1', env: [{ name: 'X', value: '1' }] });
    expect(at(body, 'spec.containers.1')).toMatchObject({ name: 'b', image: 'b:2' });
  },
  'a strategic patch adds finalizers to those there are, and takes some away': async (api) => {
    await create(api, {}, { finalizers: ['example.com/a'] });
    const added = await strategic(api, { metadata: { finalizers: ['example.com/b'] } }, A);
    expect(at(added.body, 'metadata.finalizers')).toEqual(['example.com/b', 'example.com/a']);
    const taken = await strategic(api, { metadata: { '$deleteFromPrimitiveList/finalizers': ['example.com/a'] } }, A);
    expect(at(taken.body, 'metadata.finalizers')).toEqual(['example.com/b']);
  },
  'a strategic patch removes by null and replaces by a directive': async (api) => {
    await create(api, { a: '1', b: '2' });
    const removed = await strategic(api, { data: { a: null } }, A);
    expect(at(removed.body, 'data')).toEqual({ b: '2' });
    const replaced = await strategic(api, { data: { $patch: 'replace', c: '3' } }, A);
    expect(at(replaced.body, 'data')).toEqual({ c: '3' });
  },
  'a strategic patch without the key of its list is refused': async (api) => {
    await done(api, `POST ${PODS}`, pod('p'));
    const reply = await strategic(api, { spec: { containers: [{ image: 'b:2' }] } });
    const why = 'map: map[image:b:2] does not contain declared merge key: name';
    expectFailure(reply, 500, '', why);
  },
  'conditions merge by their types': async (api) => {
    await done(api, `POST ${PODS}`, pod('p'));
    const set = (type: string, status: string) =>
      strategic(api, { status: { conditions: [{ type, status }] } }, `${PODS}/p/status`);
    await set('Ready', 'False');
    await set('Other', 'True');
    const { body } = await set('Ready', 'True');
    const conditions = at(body, 'status.conditions') as { type: string; status: string }[];
    expect(conditions.map(({ type, status }) => `${type}=${status}`).toSorted()).toEqual(['Other=True', 'Ready=True']);
  },
  'custom resources take no strategic patch': async (api) => {
    const { path, widget } = await sharedWidgets(api);
    await done(api, `POST ${path}`, widget('w'));
    const why =
      'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml';
    expectFailure(await strategic(api, {}, `${path}/w`), 415, 'UnsupportedMediaType', why);
  },
};
