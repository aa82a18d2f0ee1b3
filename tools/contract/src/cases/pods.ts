import type { Api } from '../api.ts';
import { done, expectFailure, expectInvalid } from '../answers.ts';
import { pod, PODS, STRATEGIC } from '../objects.ts';
import type { Cases } from '../suite.ts';
import { at, matching, withFields } from '../values.ts';

const evict = (api: Api, query = '', deleteOptions?: object) =>
  api.call(`POST ${PODS}/p/eviction${query}`, {
    ...{ apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'p' } },
    ...(deleteOptions === undefined ? {} : { deleteOptions }),
  });

const TOLERATIONS = ['not-ready', 'unreachable'].map((state) => ({
  key: `node.kubernetes.io/${state}`,
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: 300,
}));

export const pods: Cases = {
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
    const { status, body } = await evict(api);
    expect(status).toBe(201);
    expect(body).toEqual({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 });
    await api.until(`GET ${PODS}/p`, (reply) => reply.status === 404);
  },
  'a dry run of an eviction leaves the pod as it is': async (api) => {
    const before = await done(api, `POST ${PODS}`, pod('p'));
    expect((await evict(api, '?dryRun=All')).status).toBe(201);
    expect((await evict(api, '', { dryRun: ['All'] })).status).toBe(201);
    expect(await done(api, `GET ${PODS}/p`)).toEqual(before);
  },
  'another dry run of an eviction is refused': async (api) => {
    await done(api, `POST ${PODS}`, pod('p'));
    const message = 'Unsupported value: ["Some"]: supported values: "All"';
    const problem = { reason: 'FieldValueNotSupported', message, field: 'dryRun' };
    expectInvalid(await evict(api, '?dryRun=Some'), 'meta.k8s.io', 'CreateOptions', '', problem);
    expectInvalid(await evict(api, '', { dryRun: ['Some'] }), 'meta.k8s.io', 'DeleteOptions', '', problem);
  },
  'an eviction of another pod than the expected one is refused': async (api) => {
    await done(api, `POST ${PODS}`, pod('p'));
    expect((await evict(api, '', { preconditions: { uid: 'other' } })).status).toBe(409);
    expect((await api.call(`GET ${PODS}/p`)).status).toBe(200);
  },
};
