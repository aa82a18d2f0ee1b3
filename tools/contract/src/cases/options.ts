import { done, expectFailure, expectInvalid } from '../answers.ts';
import type { Api } from '../api.ts';
import type { Reply } from '../http.ts';
import { CONFIG_MAPS, configMap, MERGE, pod, PODS } from '../objects.ts';
import type { Cases } from '../suite.ts';
import { anyText, at } from '../values.ts';

const A = `${CONFIG_MAPS}/a`;
const ODD = { ...configMap('a'), odd: 1, metadata: { name: 'a', x: 1 } };
const post = (api: Api, query: string, body: unknown = ODD) => api.call(`POST ${CONFIG_MAPS}?${query}`, body);
const missing = async (api: Api) => (await api.call(`GET ${A}`)).status === 404;

/** Each warning is a header of its own, in no order; the client joins them. */
const warningsOf = ({ headers }: Reply): string[] =>
  [headers.warning]
    .flat()
    .join(', ')
    .split(/, (?=299 )/)
    .toSorted();

const strict = (list: string) =>
  `ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: ${list}`;
const unsupported = (field: string, message: string) => ({ reason: 'FieldValueNotSupported', message, field });

export const options: Cases = {
  'a dry run answers what would be, and does nothing': async (api) => {
    const { status, body } = await post(api, 'dryRun=All', configMap('a', { k: 'v' }));
    expect(status).toBe(201);
    expect(body).toMatchObject({ metadata: { name: 'a', uid: anyText, creationTimestamp: anyText }, data: { k: 'v' } });
    expect(at(body, 'metadata')).not.toHaveProperty('resourceVersion');
    expect(await missing(api)).toBe(true);
  },
  'a dry run of a change answers the change and leaves the object': async (api) => {
    const before = await done(api, `POST ${CONFIG_MAPS}`, configMap('a', { k: 'v' }));
    const patched = await api.call(`PATCH ${A}?dryRun=All`, { data: { k: 'w' } }, MERGE);
    expect(patched).toMatchObject({ status: 200, body: { data: { k: 'w' } } });
    expect(at(patched.body, 'metadata.resourceVersion')).toBe(at(before, 'metadata.resourceVersion'));
    expect((await api.call(`PUT ${A}?dryRun=All`, configMap('a', { k: 'x' }))).body).toMatchObject({
      data: { k: 'x' },
    });
    expect(await done(api, `GET ${A}`)).toEqual(before);
  },
  'a dry run is refused like the real one': async (api) => {
    await done(api, `POST ${CONFIG_MAPS}`, configMap('a'));
    expect((await post(api, 'dryRun=All', configMap('a'))).status).toBe(409);
    expect((await post(api, 'dryRun=All', configMap('A'))).status).toBe(422);
  },
  'another dry run is refused': async (api) => {
    const problem = unsupported('dryRun', 'Unsupported value: ["Some"]: supported values: "All"');
    expectInvalid(await post(api, 'dryRun=Some'), 'meta.k8s.io', 'CreateOptions', '', problem);
  },
  'another field validation is refused': async (api) => {
    const problem = unsupported(
      'fieldValidation',
      'Unsupported value: "Some": supported values: "", "Ignore", "Strict", "Warn"',
    );
    expectInvalid(await post(api, 'fieldValidation=Some'), 'meta.k8s.io', 'CreateOptions', '', problem);
  },
  'unknown fields are dropped, with a warning for each': async (api) => {
    const reply = await post(api, '');
    const { status, body } = reply;
    expect(status).toBe(201);
    expect(warningsOf(reply)).toEqual(['299 - "unknown field \\"metadata.x\\""', '299 - "unknown field \\"odd\\""']);
    expect(body).not.toHaveProperty('odd');
    expect(at(body, 'metadata')).not.toHaveProperty('x');
  },
  'unknown fields are dropped in silence where that is asked for': async (api) => {
    const { status, headers, body } = await post(api, 'fieldValidation=Ignore');
    expect(status).toBe(201);
    expect(headers).not.toHaveProperty('warning');
    expect(body).not.toHaveProperty('odd');
  },
  'unknown fields are refused where strictness is asked for': async (api) => {
    const why = strict('unknown field "metadata.x", unknown field "odd"');
    expectFailure(await post(api, 'fieldValidation=Strict'), 400, 'BadRequest', why);
  },
  'a field that is there twice is warned of, and the last one counts': async (api) => {
    const { status, headers, body } = await post(api, '', '{"metadata":{"name":"a"},"data":{"a":"1","a":"2"}}');
    expect(status).toBe(201);
    expect(headers.warning).toBe('299 - "duplicate field \\"data.a\\""');
    expect(at(body, 'data')).toEqual({ a: '2' });
  },
  'a field that is there twice is refused where strictness is asked for': async (api) => {
    const reply = await post(api, 'fieldValidation=Strict', '{"metadata":{"name":"a"},"data":{"a":"1","a":"2"}}');
    expectFailure(reply, 400, 'BadRequest', strict('duplicate field "data.a"'));
  },
  'unknown fields are named by their place in lists': async (api) => {
    const spec = {
      colour: 'red',
      containers: [
        { name: 'a', image: 'b' },
        { name: 'c', image: 'd', odd: 1 },
      ],
    };
    const reply = await api.call(`POST ${PODS}`, pod('p', spec));
    expect(warningsOf(reply)).toEqual([
      '299 - "unknown field \\"spec.colour\\""',
      '299 - "unknown field \\"spec.containers[1].odd\\""',
    ]);
  },
  'a patch of unknown fields is warned of': async (api) => {
    await done(api, `POST ${CONFIG_MAPS}`, configMap('a'));
    const { status, headers } = await api.call(`PATCH ${A}`, { odd: 1 }, MERGE);
    expect(status).toBe(200);
    expect(headers.warning).toBe('299 - "unknown field \\"odd\\""');
  },
  'a patch of unknown fields is refused where strictness is asked for': async (api) => {
    await done(api, `POST ${CONFIG_MAPS}`, configMap('a'));
    const { status, body } = await api.call(`PATCH ${A}?fieldValidation=Strict`, { odd: 1 }, MERGE);
    expect(status).toBe(422);
    expect(at(body, 'message')).toMatch(
      /^ "" is invalid: patch: Invalid value: ".*\\"odd\\":1.*": strict decoding error: unknown field "odd"$/s,
    );
    expect(at(body, 'details.causes.0')).toMatchObject({ reason: 'FieldValueInvalid', field: 'patch' });
  },
};
