import { done, expectFailure, expectInvalid } from '../answers.ts';
import type { Api } from '../api.ts';
import { CONFIG_MAPS, EVENTS, LEASES, lease, MERGE, pod, PODS, SECRETS, STRATEGIC } from '../objects.ts';
import type { Cases } from '../suite.ts';
import { anyText, at, containing, matching, withFields, withItems } from '../values.ts';

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

const TOLERATIONS = ['not-ready', 'unreachable'].map((state) => ({
  key: `node.kubernetes.io/${state}`,
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: 300,
}));

export const kinds: Cases = {
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
  'a pod gets what it leaves open': async (api) => {
    const created = await done(api, `POST ${PODS}`, pod('p'));
    expect(created).toMatchObject({
      spec: {
        containers: [
          {
            name: 'main',
            image: 'demo:1',
            imagePullPolicy: 'IfNotPresent',
            resources: {},
            terminationMessagePath: '/dev/termination-log',
            terminationMessagePolicy: 'File',
            volumeMounts: [
              {
                name: matching(/^kube-api-access-\w{5}$/),
                readOnly: true,
                mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
              },
            ],
          },
        ],
        volumes: [{ name: matching(/^kube-api-access-\w{5}$/), projected: { defaultMode: 420 } }],
        dnsPolicy: 'ClusterFirst',
        enableServiceLinks: true,
        preemptionPolicy: 'PreemptLowerPriority',
        priority: 0,
        restartPolicy: 'Always',
        schedulerName: 'default-scheduler',
        securityContext: {},
        serviceAccount: 'default',
        serviceAccountName: 'default',
        terminationGracePeriodSeconds: 30,
        tolerations: TOLERATIONS,
      },
    });
    expect(at(created, 'status')).toEqual({ phase: 'Pending', qosClass: 'BestEffort' });
  },
  'a pod has containers with a name and an image': async (api) => {
    const reason = 'FieldValueRequired';
    const message = 'Required value';
    const none = await api.call(`POST ${PODS}`, pod('p', { containers: [] }));
    expectInvalid(none, '', 'Pod', 'p', { reason, message, field: 'spec.containers' });
    const bare = await api.call(`POST ${PODS}`, pod('p', { containers: [{}] }));
    const fields = ['spec.containers[0].name', 'spec.containers[0].image'];
    expectInvalid(bare, '', 'Pod', 'p', ...fields.map((field) => ({ reason, message, field })));
  },
  'a pod of an account that is not there is forbidden': async (api) => {
    const reply = await api.call(`POST ${PODS}`, pod('p', { serviceAccountName: 'none' }));
    const why = `pods "p" is forbidden: error looking up service account ${api.namespace}/none: serviceaccount "none" not found`;
    expectFailure(reply, 403, 'Forbidden', why, { name: 'p', kind: 'pods' });
  },
  'a field of a pod that has the wrong type is refused': async (api) => {
    const reply = await api.call(`POST ${PODS}`, pod('p', { hostNetwork: 'yes' }));
    const why =
      'Pod in version "v1" cannot be handled as a Pod: json: cannot unmarshal string into Go struct field PodSpec.spec.hostNetwork of type bool';
    expectFailure(reply, 400, 'BadRequest', why);
  },
  'the image of a pod may change': async (api) => {
    await done(api, `POST ${PODS}`, pod('p'));
    const patch = { spec: { containers: [{ name: 'main', image: 'demo:2' }] } };
    expect(at(await done(api, `PATCH ${PODS}/p`, patch, STRATEGIC), 'spec.containers.0.image')).toBe('demo:2');
    expect(at(await done(api, `GET ${PODS}/p`), 'metadata.generation')).toBe(2);
  },
  'the status of a pod is written at its own path, and nothing else there': async (api) => {
    await done(api, `POST ${PODS}`, { ...pod('p'), status: { phase: 'Running' } });
    expect(at(await done(api, `GET ${PODS}/p`), 'status.phase')).toBe('Pending');
    const status = { phase: 'Running', podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.1' }] };
    await done(api, `PATCH ${PODS}/p/status`, { status, spec: { nodeName: 'x' } }, STRATEGIC);
    const after = await done(api, `GET ${PODS}/p`);
    expect(after).toMatchObject({ status });
    expect(at(after, 'spec')).not.toHaveProperty('nodeName');
    await done(api, `PATCH ${PODS}/p`, { status: { phase: 'Failed' } }, STRATEGIC);
    expect(at(await done(api, `GET ${PODS}/p`), 'status.phase')).toBe('Running');
  },
  'a pod is bound to a node once': async (api) => {
    await done(api, `POST ${PODS}`, pod('p'));
    const binding = {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name: 'p' },
      target: { kind: 'Node', name: 'n1' },
    };
    const { status, body } = await api.call(`POST ${PODS}/p/binding`, binding);
    expect(status).toBe(201);
    expect(body).toEqual({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 });
    expect(await done(api, `GET ${PODS}/p`)).toMatchObject({
      spec: { nodeName: 'n1' },
      status: { conditions: [withFields({ type: 'PodScheduled', status: 'True' })] },
    });
    const why = 'Operation cannot be fulfilled on pods/binding "p": pod p is already assigned to node "n1"';
    const again = await api.call(`POST ${PODS}/p/binding`, { ...binding, target: { kind: 'Node', name: 'n2' } });
    expectFailure(again, 409, 'Conflict', why, { name: 'p', kind: 'pods/binding' });
  },
  'a pod is evicted': async (api) => {
    await done(api, `POST ${PODS}`, pod('p'));
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'p' } };
    const { status, body } = await api.call(`POST ${PODS}/p/eviction`, eviction);
    expect(status).toBe(201);
    expect(body).toEqual({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 });
    await api.until(`GET ${PODS}/p`, (reply) => reply.status === 404);
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
