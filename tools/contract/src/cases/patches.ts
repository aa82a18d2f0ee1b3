import { done, expectFailure, expectInvalid } from '../answers.ts';
import type { Api } from '../api.ts';
import { CONFIG_MAPS, configMap, JSON_PATCH, MERGE } from '../objects.ts';
import type { Cases } from '../suite.ts';
import { at, containing, textAt } from '../values.ts';
import { sharedWidgets } from '../widgets.ts';

const A = `${CONFIG_MAPS}/a`;
const create = (api: Api, data = {}, metadata = {}) => done(api, `POST ${CONFIG_MAPS}`, configMap('a', data, metadata));
const merge = (api: Api, patch: unknown, query = '') => api.call(`PATCH ${A}${query}`, patch, MERGE);
const jsonPatch = (api: Api, patch: unknown) => api.call(`PATCH ${A}`, patch, JSON_PATCH);
const versionOf = (object: unknown): string => textAt(object, 'metadata.resourceVersion');
const MODIFIED = 'the object has been modified; please apply your changes to the latest version and try again';
const REJECTED = 'the server rejected our request due to an error in our request';

export const patches: Cases = {
  'a merge patch sets what it names, removes what it names null, and leaves the rest': async (api) => {
    await create(api, { a: '1', b: '2', c: '3' }, { labels: { x: 'y' } });
    const { status, body } = await merge(api, { data: { a: '9', b: null, d: '4' } });
    expect(status).toBe(200);
    expect(at(body, 'data')).toEqual({ a: '9', c: '3', d: '4' });
    expect(at(body, 'metadata.labels')).toEqual({ x: 'y' });
  },
  'a merge patch replaces lists as a whole': async (api) => {
    await create(api, {}, { finalizers: ['example.com/a', 'example.com/b'] });
    const { body } = await merge(api, { metadata: { finalizers: ['example.com/c'] } });
    expect(at(body, 'metadata.finalizers')).toEqual(['example.com/c']);
  },
  'a patch that changes nothing makes no version': async (api) => {
    const before = await create(api, { a: '1' });
    expect((await merge(api, { data: { a: '1' } })).body).toEqual(before);
    expect((await merge(api, {})).body).toEqual(before);
  },
  'a patch that names the version that is there is taken': async (api) => {
    const resourceVersion = versionOf(await create(api));
    expect((await merge(api, { metadata: { resourceVersion }, data: { a: '1' } })).status).toBe(200);
  },
  'a patch that names an older version is answered 409': async (api) => {
    const resourceVersion = versionOf(await create(api));
    await merge(api, { data: { a: '1' } });
    const why = `Operation cannot be fulfilled on configmaps "a": ${MODIFIED}`;
    const reply = await merge(api, { metadata: { resourceVersion }, data: { a: '2' } });
    expectFailure(reply, 409, 'Conflict', why, { name: 'a', kind: 'configmaps' });
  },
  'a patch that names another uid is answered 422': async (api) => {
    await create(api);
    const { status, body } = await merge(api, { metadata: { uid: 'other' } });
    expect(status).toBe(422);
    expect(at(body, 'message')).toBe(
      'ConfigMap "a" is invalid: metadata.uid: Invalid value: "other": field is immutable',
    );
  },
  'a patch of another name is refused': async (api) => {
    await create(api);
    const why = 'the name of the object (b) does not match the name on the URL (a)';
    expectFailure(await merge(api, { metadata: { name: 'b' } }), 400, 'BadRequest', why);
  },
  'a patch of nothing is answered 404': async (api) => {
    expectFailure(await merge(api, {}), 404, 'NotFound', 'configmaps "a" not found', { name: 'a', kind: 'configmaps' });
  },
  'what a patch makes is checked like any object': async (api) => {
    await create(api);
    const { status, body } = await merge(api, { metadata: { labels: { a: 'b c' } } });
    expect(status).toBe(422);
    expect(body).toMatchObject({ reason: 'Invalid', details: { name: 'a', kind: 'ConfigMap' } });
    expect(at(body, 'details.causes.0.field')).toBe('metadata.labels');
  },
  'a merge patch that is no object is refused': async (api) => {
    await create(api);
    expect((await merge(api, [])).status).toBe(400);
  },
  'a merge patch that is no JSON is refused': async (api) => {
    await create(api);
    expect(await merge(api, 'nonsense')).toMatchObject({ status: 400, body: { reason: 'BadRequest' } });
  },
  'a JSON patch adds, replaces, removes, moves, copies and tests': async (api) => {
    await create(api, { a: '1', b: '2' });
    const { status, body } = await jsonPatch(api, [
      { op: 'test', path: '/data/a', value: '1' },
      { op: 'replace', path: '/data/a', value: '9' },
      { op: 'remove', path: '/data/b' },
      { op: 'add', path: '/data/c', value: '3' },
      { op: 'copy', from: '/data/c', path: '/data/d' },
      { op: 'move', from: '/data/c', path: '/data/e' },
      { op: 'add', path: '/metadata/labels', value: { 'x.io/y': 'z' } },
      { op: 'replace', path: '/metadata/labels/x.io~1y', value: 'w' },
    ]);
    expect(status).toBe(200);
    expect(at(body, 'data')).toEqual({ a: '9', d: '3', e: '3' });
    expect(at(body, 'metadata.labels')).toEqual({ 'x.io/y': 'w' });
  },
  'a JSON patch is applied whole or not at all': async (api) => {
    const before = await create(api, { a: '1' });
    const reply = await jsonPatch(api, [
      { op: 'replace', path: '/data/a', value: '2' },
      { op: 'test', path: '/data/a', value: '3' },
    ]);
    expectFailure(reply, 422, 'Invalid', REJECTED, {});
    expect(await done(api, `GET ${A}`)).toEqual(before);
  },
  'a JSON patch of a place that is not there is answered 422': async (api) => {
    await create(api, { a: '1' });
    expectFailure(await jsonPatch(api, [{ op: 'remove', path: '/data/none' }]), 422, 'Invalid', REJECTED, {});
    expectFailure(await jsonPatch(api, [{ op: 'add', path: '/none/deep', value: '1' }]), 422, 'Invalid', REJECTED, {});
  },
  'a JSON patch that replaces a member that is not there adds it': async (api) => {
    await create(api, { a: '1' });
    expect(at((await jsonPatch(api, [{ op: 'replace', path: '/data/b', value: '2' }])).body, 'data')).toEqual({
      a: '1',
      b: '2',
    });
  },
  'a JSON patch tests the version': async (api) => {
    const version = versionOf(await create(api, { a: '1' }));
    const test = { op: 'test', path: '/metadata/resourceVersion', value: version };
    expect((await jsonPatch(api, [test, { op: 'replace', path: '/data/a', value: '2' }])).status).toBe(200);
    expect((await jsonPatch(api, [test, { op: 'replace', path: '/data/a', value: '3' }])).status).toBe(422);
  },
  'a JSON patch that is no list is refused': async (api) => {
    await create(api);
    const reply = await jsonPatch(api, { op: 'add' });
    expectFailure(reply, 400, 'BadRequest', containing('json: cannot unmarshal object into Go value of type'));
  },
  'custom resources take merge and JSON patches': async (api) => {
    const { path, widget } = await sharedWidgets(api);
    await done(api, `POST ${path}`, widget('w'));
    expect(at(await done(api, `PATCH ${path}/w`, { spec: { size: 4 } }, MERGE), 'spec.size')).toBe(4);
    const patch = [{ op: 'replace', path: '/spec/size', value: 5 }];
    expect(at(await done(api, `PATCH ${path}/w`, patch, JSON_PATCH), 'spec.size')).toBe(5);
  },
  'a media type that is no patch is refused': async (api) => {
    await create(api);
    expectFailure(await api.call(`PATCH ${A}`, {}), 415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
  },
  'force is for apply alone': async (api) => {
    await create(api);
    const problem = {
      reason: 'FieldValueForbidden',
      message: 'Forbidden: may not be specified for non-apply patch',
      field: 'force',
    };
    expectInvalid(await merge(api, {}, '?force=true'), 'meta.k8s.io', 'PatchOptions', '', problem);
  },
  'a manager has a short name': async (api) => {
    await create(api);
    const long = 'm'.repeat(129);
    const reply = await merge(api, { data: { a: '1' } }, `?fieldManager=${long}`);
    const message = 'Too long: may not be more than 128 bytes';
    expectInvalid(reply, 'meta.k8s.io', 'PatchOptions', '', {
      reason: 'FieldValueTooLong',
      message,
      field: 'fieldManager',
    });
  },
};
