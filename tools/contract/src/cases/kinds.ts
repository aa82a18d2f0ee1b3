import { done, expectFailure, expectInvalid } from '../answers.ts';
import { CONFIG_MAPS, LEASES, lease, MERGE, SECRETS, STRATEGIC } from '../objects.ts';
import type { Cases } from '../suite.ts';
import { anyText, at, containing, withFields, withItems } from '../values.ts';

export const kinds: Cases = {
  'a lease keeps microseconds': async (api) => {
    const spec = {
      holderIdentity: 'me',
      leaseDurationSeconds: 15,
      acquireTime: '2026-01-01T00:00:00.123456Z',
      renewTime: '2026-01-01T00:00:01.000001Z',
      leaseTransitions: 3,
    };
    expect(at(await done(api, `POST ${LEASES}`, lease('l', spec)), 'spec')).toEqual(spec);
  },
  'a lease lasts a second at least': async (api) => {
    const reply = await api.call(`POST ${LEASES}`, lease('l', { leaseDurationSeconds: 0, leaseTransitions: -1 }));
    const reason = 'FieldValueInvalid';
    const [duration, transitions] = [
      { reason, message: 'Invalid value: 0: must be greater than 0', field: 'spec.leaseDurationSeconds' },
      { reason, message: 'Invalid value: -1: must be greater than or equal to 0', field: 'spec.leaseTransitions' },
    ];
    expectInvalid(reply, 'coordination.k8s.io', 'Lease', 'l', duration, transitions);
  },
  'a time that is none is refused': async (api) => {
    const reply = await api.call(`POST ${LEASES}`, lease('l', { renewTime: 'nonsense' }));
    expectFailure(
      reply,
      400,
      'BadRequest',
      containing(
        'Lease in version "v1" cannot be handled as a Lease: parsing time "nonsense" as "2006-01-02T15:04:05.000000Z07:00"',
      ),
    );
  },
  'a secret keeps its plain text encoded': async (api) => {
    const created = await done(api, `POST ${SECRETS}`, {
      metadata: { name: 's' },
      stringData: { k: 'plain' },
      data: { l: 'AA==' },
    });
    expect(created).toMatchObject({ type: 'Opaque', data: { k: 'cGxhaW4=', l: 'AA==' } });
    expect(created).not.toHaveProperty('stringData');
  },
  'a secret of another type is another secret': async (api) => {
    await done(api, `POST ${SECRETS}`, { metadata: { name: 's' } });
    const problem = {
      reason: 'FieldValueInvalid',
      message: 'Invalid value: "other": field is immutable',
      field: 'type',
    };
    expectInvalid(await api.call(`PATCH ${SECRETS}/s`, { type: 'other' }, MERGE), '', 'Secret', 's', problem);
  },
  'secret data that is not encoded is refused': async (api) => {
    const reply = await api.call(`POST ${SECRETS}`, { metadata: { name: 's' }, data: { k: '***' } });
    expectFailure(
      reply,
      400,
      'BadRequest',
      'Secret in version "v1" cannot be handled as a Secret: illegal base64 data at input byte 0',
    );
  },
  'the keys of secrets and config maps are file names': async (api) => {
    const message = `Invalid value: "k k": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')`;
    const problem = { reason: 'FieldValueInvalid', message, field: 'data[k k]' };
    const body = { metadata: { name: 's' }, data: { 'k k': 'AA==' } };
    expectInvalid(await api.call(`POST ${SECRETS}`, body), '', 'Secret', 's', problem);
    expectInvalid(await api.call(`POST ${CONFIG_MAPS}`, body), '', 'ConfigMap', 's', problem);
  },
  'a node has labels, an id at its provider, and a status of its own': async (api) => {
    const node = { metadata: { name: `node-${api.word}`, labels: { a: 'b' } }, spec: { providerID: 'azure:///x' } };
    await done(api, 'POST /api/v1/nodes', node);
    const status = {
      nodeInfo: { kubeletVersion: 'v1.35.4' },
      addresses: [{ type: 'InternalIP', address: '10.0.0.9' }],
    };
    await done(api, 'PATCH /api/v1/nodes/node-*/status', { status }, STRATEGIC);
    expect(await done(api, 'GET /api/v1/nodes/node-*')).toMatchObject({ ...node, status });
    expect((await api.call('DELETE /api/v1/nodes/node-*')).body).toMatchObject({
      status: 'Success',
      details: { kind: 'nodes' },
    });
  },
  "a node's provider does not change": async (api) => {
    await done(api, 'POST /api/v1/nodes', {
      metadata: { name: `node-${api.word}` },
      spec: { providerID: 'azure:///x' },
    });
    const reply = await api.call('PATCH /api/v1/nodes/node-*', { spec: { providerID: 'azure:///y' } }, MERGE);
    expect(reply.status).toBe(422);
    expect(at(reply.body, 'message')).toContain(
      'spec.providerID: Forbidden: node updates may not change providerID except from "" to valid',
    );
    await done(api, 'DELETE /api/v1/nodes/node-*');
  },
  'a workload gets its defaults and counts its generations': async (api) => {
    const labels = { app: 'x' };
    const template = { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'demo' }] } };
    const path = '/apis/apps/v1/@/deployments';
    const created = await done(api, `POST ${path}`, {
      metadata: { name: 'd' },
      spec: { replicas: 0, selector: { matchLabels: labels }, template },
    });
    expect(created).toMatchObject({
      metadata: { generation: 1 },
      spec: {
        replicas: 0,
        revisionHistoryLimit: 10,
        progressDeadlineSeconds: 600,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
        template: { spec: { containers: [{ imagePullPolicy: 'Always' }], restartPolicy: 'Always' } },
      },
    });
    expect(
      at(await done(api, `PATCH ${path}/d`, { metadata: { labels: { a: 'b' } } }, MERGE), 'metadata.generation'),
    ).toBe(1);
    expect(at(await done(api, `PATCH ${path}/d`, { spec: { paused: true } }, MERGE), 'metadata.generation')).toBe(2);
  },
  'the selector of a workload must fit its template': async (api) => {
    const template = { metadata: { labels: { app: 'y' } }, spec: { containers: [{ name: 'main', image: 'demo' }] } };
    const spec = { selector: { matchLabels: { app: 'x' } }, template };
    const reply = await api.call('POST /apis/apps/v1/@/deployments', { metadata: { name: 'd' }, spec });
    const message = 'Invalid value: {"app":"y"}: `selector` does not match template `labels`';
    expectInvalid(reply, 'apps', 'Deployment', 'd', {
      reason: 'FieldValueInvalid',
      message,
      field: 'spec.template.metadata.labels',
    });
  },
  'a workload is scaled at a path of its own': async (api) => {
    const labels = { app: 'x' };
    const template = { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'demo' }] } };
    const path = '/apis/apps/v1/@/deployments';
    await done(api, `POST ${path}`, {
      metadata: { name: 'd' },
      spec: { replicas: 0, selector: { matchLabels: labels }, template },
    });
    const scale = await done(api, `GET ${path}/d/scale`);
    expect(scale).toMatchObject({
      kind: 'Scale',
      apiVersion: 'autoscaling/v1',
      metadata: { name: 'd' },
      spec: {},
      status: { replicas: 0, selector: 'app=x' },
    });
    const wanted = { metadata: { name: 'd', namespace: api.namespace }, spec: { replicas: 1 } };
    expect(at(await done(api, `PUT ${path}/d/scale`, wanted), 'spec.replicas')).toBe(1);
    expect(at(await done(api, `GET ${path}/d`), 'spec.replicas')).toBe(1);
    expect(at(await done(api, `PATCH ${path}/d/scale`, { spec: { replicas: 2 } }, MERGE), 'spec.replicas')).toBe(2);
  },
  'a role binding names its group': async (api) => {
    const path = '/apis/rbac.authorization.k8s.io/v1/@/rolebindings';
    const subjects = [{ kind: 'ServiceAccount', name: 'default', namespace: api.namespace }];
    const created = await done(api, `POST ${path}`, {
      metadata: { name: 'b' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'r' },
      subjects,
    });
    expect(created).toMatchObject({
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'r' },
      subjects,
    });
    const other = { roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'other' } };
    const reply = await api.call(`PATCH ${path}/b`, other, MERGE);
    expect(reply).toMatchObject({
      status: 422,
      body: { details: { causes: withItems(withFields({ field: 'roleRef' })) } },
    });
  },
  'endpoints are kept as they are': async (api) => {
    const endpoints = {
      metadata: { name: 'e' },
      subsets: [{ addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80, name: 'http' }] }],
    };
    expect(await done(api, 'POST /api/v1/@/endpoints', endpoints)).toMatchObject({
      subsets: [{ addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80, name: 'http', protocol: 'TCP' }] }],
    });
  },
  'what is written by nobody known has an owner all the same': async (api) => {
    const created = await done(api, `POST ${CONFIG_MAPS}?fieldManager=someone`, {
      metadata: { name: 'c' },
      data: { a: 'b' },
    });
    expect(at(created, 'metadata.managedFields.0')).toMatchObject({
      manager: 'someone',
      operation: 'Update',
      time: anyText,
    });
  },
};
