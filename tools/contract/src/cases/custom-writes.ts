import { done, expectFailure, expectInvalid } from '../answers.ts';
import { MERGE } from '../objects.ts';
import type { Cases } from '../suite.ts';
import { at, textAt } from '../values.ts';
import { installWidgets, sharedWidgets } from '../widgets.ts';

export const customWrites: Cases = {
  'unknown fields are refused where strictness is asked for': async (api) => {
    const { path, widget } = await sharedWidgets(api);
    const body = widget('w', { size: 3, odd: 1 }, { metadata: { name: 'w', x: 1 } });
    const why =
      'Widget in version "v1" cannot be handled as a Widget: strict decoding error: unknown field "metadata.x", unknown field "spec.odd"';
    expectFailure(await api.call(`POST ${path}?fieldValidation=Strict`, body), 400, 'BadRequest', why);
    const warned = await api.call(`POST ${path}`, widget('w', { size: 3, odd: 1 }));
    expect(warned.headers.warning).toBe('299 - "unknown field \\"spec.odd\\""');
  },
  'kind and version of the body are needed': async (api) => {
    const { path, group } = await sharedWidgets(api);
    const metadata = { name: 'w' };
    const bare = JSON.stringify({ metadata });
    const why = `the object provided is unrecognized (must be of type Widget): Object 'Kind' is missing in '${bare}' (${bare})`;
    expectFailure(await api.call(`POST ${path}`, { metadata }), 400, 'BadRequest', why);
    const version = (sent: string) =>
      `the API version in the data (${sent}) does not match the expected API version (${group}/v1)`;
    expectFailure(await api.call(`POST ${path}`, { kind: 'Widget', metadata }), 400, 'BadRequest', version(''));
    const other = { apiVersion: `${group}/v2`, kind: 'Widget', metadata };
    expectFailure(await api.call(`POST ${path}`, other), 400, 'BadRequest', version(`${group}/v2`));
  },
  'a PUT names the version it replaces': async (api) => {
    const { path, group, widget } = await sharedWidgets(api);
    const created = await done(api, `POST ${path}`, widget('w'));
    const problem = {
      reason: 'FieldValueInvalid',
      message: 'Invalid value: 0: must be specified for an update',
      field: 'metadata.resourceVersion',
    };
    expectInvalid(await api.call(`PUT ${path}/w`, widget('w')), group, 'widgets', 'w', problem);
    const resourceVersion = textAt(created, 'metadata.resourceVersion');
    const put = widget('w', { size: 4 }, { metadata: { name: 'w', resourceVersion } });
    expect((await api.call(`PUT ${path}/w`, put)).status).toBe(200);
    const again = await api.call(`PUT ${path}/w`, put);
    expect(again).toMatchObject({
      status: 409,
      body: { reason: 'Conflict', details: { name: 'w', group, kind: 'widgets' } },
    });
  },
  'generations count changes of anything but metadata and status': async (api) => {
    const { path, widget } = await sharedWidgets(api);
    await done(api, `POST ${path}`, widget('w'));
    const generation = async (patch: object, at_ = '') =>
      at(await done(api, `PATCH ${path}/w${at_}`, patch, MERGE), 'metadata.generation');
    expect(await generation({ metadata: { labels: { a: 'b' } } })).toBe(1);
    expect(await generation({ spec: { size: 4 } })).toBe(2);
    expect(await generation({ status: { phase: 'x' } }, '/status')).toBe(2);
  },
  'with a status subresource each path writes its own half': async (api) => {
    const { path, widget } = await sharedWidgets(api);
    const created = await done(api, `POST ${path}`, widget('w', { size: 3 }, { status: { phase: 'new' } }));
    expect(created).not.toHaveProperty('status');
    const main = await done(api, `PATCH ${path}/w`, { spec: { size: 4 }, status: { phase: 'x' } }, MERGE);
    expect(main).toMatchObject({ spec: { size: 4 } });
    expect(main).not.toHaveProperty('status');
    const patch = { metadata: { labels: { a: 'b' } }, spec: { size: 5 }, status: { phase: 'y' } };
    const status = await done(api, `PATCH ${path}/w/status`, patch, MERGE);
    expect(status).toMatchObject({ spec: { size: 4 }, status: { phase: 'y' } });
    expect(at(status, 'metadata')).not.toHaveProperty('labels');
    expect(await done(api, `GET ${path}/w/status`)).toEqual(status);
  },
  'without one the status is a field like any other': async (api) => {
    const { path, widget } = await installWidgets(api, { subresources: undefined });
    const created = await done(api, `POST ${path}`, widget('w', { size: 3 }, { status: { phase: 'new' } }));
    expect(created).toMatchObject({ status: { phase: 'new' } });
    const after = await done(api, `PATCH ${path}/w`, { status: { phase: 'x' } }, MERGE);
    expect(after).toMatchObject({ status: { phase: 'x' }, metadata: { generation: 2 } });
    expect((await api.call(`GET ${path}/w/status`)).status).toBe(404);
  },
};
