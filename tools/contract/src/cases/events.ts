import { done, expectInvalid } from '../answers.ts';
import type { Api } from '../api.ts';
import { EVENTS, MERGE, STRATEGIC } from '../objects.ts';
import type { Cases } from '../suite.ts';
import { at } from '../values.ts';

const event = (name: string, involvedObject: object, rest: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name },
  involvedObject,
  reason: 'Happened',
  message: 'it did',
  type: 'Normal',
  ...rest,
});
const about = (api: Api, namespace = api.namespace) => ({ kind: 'Pod', apiVersion: 'v1', name: 'p', namespace });

export const events: Cases = {
  'an event keeps what it says, and has the fields of both its generations': async (api) => {
    const times = {
      firstTimestamp: '2026-01-01T00:00:00Z',
      lastTimestamp: '2026-01-01T00:01:00Z',
      count: 2,
      source: { component: 'me', host: 'here' },
    };
    const created = await done(api, `POST ${EVENTS}`, event('e', about(api), times));
    expect(created).toMatchObject({
      ...event('e', about(api), times),
      eventTime: null,
      reportingComponent: '',
      reportingInstance: '',
    });
  },
  'an event without times has none': async (api) => {
    const created = await done(api, `POST ${EVENTS}`, event('e', about(api)));
    expect(created).toMatchObject({
      source: {},
      firstTimestamp: null,
      lastTimestamp: null,
      eventTime: null,
      reportingComponent: '',
      reportingInstance: '',
    });
    expect(created).not.toHaveProperty('count');
  },
  'an event is counted up by a patch': async (api) => {
    await done(api, `POST ${EVENTS}`, event('e', about(api), { count: 1 }));
    const patch = { count: 2, lastTimestamp: '2026-01-01T00:02:00Z' };
    expect(await done(api, `PATCH ${EVENTS}/e`, patch, MERGE)).toMatchObject({ ...patch, message: 'it did' });
    expect(await done(api, `PATCH ${EVENTS}/e`, { count: 3 }, STRATEGIC)).toMatchObject({ count: 3 });
  },
  'an event lies in the namespace of what it is about': async (api) => {
    const problem = {
      reason: 'FieldValueInvalid',
      message: 'Invalid value: "other": does not match event.namespace',
      field: 'involvedObject.namespace',
    };
    expectInvalid(await api.call(`POST ${EVENTS}`, event('e', about(api, 'other'))), '', 'Event', 'e', problem);
  },
  'an event about a node lies in the default namespace alone': async (api) => {
    const node = { kind: 'Node', apiVersion: 'v1', name: 'n' };
    const generated = { metadata: { generateName: 'e-' } };
    expect((await api.call('POST /api/v1/namespaces/default/events', event('e', node, generated))).status).toBe(201);
    const problem = {
      reason: 'FieldValueInvalid',
      message: 'Invalid value: "": does not match event.namespace',
      field: 'involvedObject.namespace',
    };
    expectInvalid(await api.call(`POST ${EVENTS}`, event('e', node)), '', 'Event', 'e', problem);
  },
  'events are found by what they are about': async (api) => {
    await done(api, `POST ${EVENTS}`, event('e', about(api)));
    const found = await done(
      api,
      `GET ${EVENTS}?fieldSelector=involvedObject.name=p,involvedObject.kind=Pod,reason=Happened,type=Normal`,
    );
    expect(at(found, 'items')).toHaveLength(1);
    expect(at(await done(api, `GET ${EVENTS}?fieldSelector=involvedObject.name=q`), 'items')).toHaveLength(0);
  },
};
