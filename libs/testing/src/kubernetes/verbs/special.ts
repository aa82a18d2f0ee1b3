import type { Cluster } from '../cluster.ts';
import { type Answer, type ApiRequest, bodyObject } from '../http/request.ts';
import type { Target } from '../http/target.ts';
import { type JsonRecord, listAt, recordAt, stringAt } from '../json.ts';
import { apiTime, asKubeObject, type KubeObject } from '../objects.ts';
import { badRequest, conflict, methodNotAllowed } from '../status-errors.ts';
import { issueToken, reviewToken } from '../tokens/issued-tokens.ts';
import { deleteObject, deleteOptions } from '../writes/delete.ts';
import { updateObject } from '../writes/update.ts';
import { podLog } from './logs.ts';
import { writeOptions } from './options.ts';
import { stored } from './read.ts';
import { contextOf } from './write.ts';

type Special = (cluster: Cluster, target: Target, request: ApiRequest) => Answer;

const SUCCESS = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' };

const onMethod =
  (method: string, run: Special): Special =>
  (cluster, target, request) => {
    if (request.method !== method) throw methodNotAllowed();
    return run(cluster, target, request);
  };

/** A scheduler's decision: the pod gets its node, once. */
function bind(cluster: Cluster, target: Target, request: ApiRequest): Answer {
  const pod = stored(cluster, target);
  const node = stringAt(bodyObject(request), 'target', 'name');
  if (node === '') throw badRequest('target.name: Required value');
  const current = stringAt(pod, 'spec', 'nodeName');
  if (current !== '') {
    throw conflict(
      { ...target.type, plural: 'pods/binding' },
      pod.metadata.name,
      `pod ${pod.metadata.name} is already assigned to node "${current}"`,
    );
  }
  const others = listAt(pod, 'status', 'conditions').filter((entry) => stringAt(entry, 'type') !== 'PodScheduled');
  const scheduled = {
    type: 'PodScheduled',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: apiTime(cluster.clock.now()),
  };
  cluster.storage.put(target.type.collection, {
    ...pod,
    spec: { ...recordAt(pod, 'spec'), nodeName: node },
    status: { ...recordAt(pod, 'status'), conditions: [...others, scheduled] },
  });
  return { status: 201, body: { ...SUCCESS, code: 201 } };
}

function evict(cluster: Cluster, target: Target, request: ApiRequest): Answer {
  const asked = deleteOptions(recordAt(bodyObject(request), 'deleteOptions'), new URLSearchParams());
  const { dryRun } = writeOptions(request.query, request.headers['user-agent'], 'CreateOptions');
  deleteObject(cluster, target.type, stored(cluster, target), { ...asked, dryRun: dryRun || asked.dryRun });
  return { status: 201, body: { ...SUCCESS, code: 201 } };
}

function scaleOf({ metadata, ...owner }: KubeObject): JsonRecord {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata;
  const labels = recordAt(owner, 'spec', 'selector', 'matchLabels');
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: recordAt(owner, 'spec').replicas ?? 0 },
    status: {
      replicas: recordAt(owner, 'status').replicas ?? 0,
      selector: Object.entries(labels)
        .map(([key, value]) => `${key}=${String(value)}`)
        .join(','),
    },
  };
}

function scale(cluster: Cluster, target: Target, request: ApiRequest): Answer {
  const owner = stored(cluster, target);
  if (request.method === 'GET') return { status: 200, body: scaleOf(owner) };
  const replicas = recordAt(bodyObject(request), 'spec').replicas;
  if (typeof replicas !== 'number') throw badRequest('spec.replicas: Required value');
  const options = writeOptions(request.query, request.headers['user-agent'], 'UpdateOptions');
  const wanted = { ...owner, spec: { ...recordAt(owner, 'spec'), replicas } };
  const after = updateObject(cluster, target.type, owner, wanted, contextOf({ type: target.type }, options));
  return { status: 200, body: scaleOf(after) };
}

function finalize(cluster: Cluster, target: Target, request: ApiRequest): Answer {
  const before = stored(cluster, target);
  const sent = asKubeObject(bodyObject(request));
  const options = writeOptions(request.query, request.headers['user-agent'], 'UpdateOptions');
  const wanted = { ...before, spec: sent.spec };
  return { status: 200, body: updateObject(cluster, target.type, before, wanted, contextOf(target, options)) };
}

function tokenRequest(cluster: Cluster, target: Target, request: ApiRequest): Answer {
  const account = stored(cluster, target);
  const sent = bodyObject(request);
  const spec = recordAt(sent, 'spec');
  const status = issueToken(cluster, account, spec);
  const { name, namespace, uid } = account.metadata;
  const audiences = listAt(spec, 'audiences');
  return {
    status: 201,
    body: {
      kind: 'TokenRequest',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: { name, namespace, uid, creationTimestamp: apiTime(cluster.clock.now()) },
      spec: {
        audiences: audiences.length === 0 ? status.audiences : audiences,
        expirationSeconds: status.expirationSeconds,
        boundObjectRef: spec.boundObjectRef ?? null,
      },
      status: { token: status.token, expirationTimestamp: status.expirationTimestamp },
    },
  };
}

function review(cluster: Cluster, target: Target, request: ApiRequest): Answer {
  const sent = bodyObject(request);
  const { kind, version, group } = target.type;
  const metadata = { creationTimestamp: null };
  const status = REVIEWS[kind]?.(cluster, sent) ?? {};
  return { status: 201, body: { kind, apiVersion: `${group}/${version}`, metadata, spec: sent.spec ?? {}, status } };
}

const ALLOWED = { allowed: true, reason: 'the simulator allows everything' };

const REVIEWS: Readonly<Record<string, (cluster: Cluster, sent: JsonRecord) => JsonRecord>> = {
  SelfSubjectAccessReview: () => ALLOWED,
  SubjectAccessReview: () => ALLOWED,
  SelfSubjectReview: () => ({
    userInfo: { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] },
  }),
  SelfSubjectRulesReview: () => ({
    resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
    nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
    incomplete: false,
  }),
  TokenReview: (cluster, sent) => {
    const spec = recordAt(sent, 'spec');
    if (stringAt(spec, 'token') === '') throw badRequest('token is required for TokenReview in authentication');
    return reviewToken(cluster, spec);
  },
};

const SUBRESOURCES: Readonly<Record<string, Special>> = {
  'pods/binding': onMethod('POST', bind),
  'pods/eviction': onMethod('POST', evict),
  'pods/log': onMethod('GET', podLog),
  'namespaces/finalize': onMethod('PUT', finalize),
  'serviceaccounts/token': onMethod('POST', tokenRequest),
  'deployments.apps/scale': scale,
  'replicasets.apps/scale': scale,
};

/** Answers of resources and subresources that are no stored objects; `undefined` for all others. */
export function special(cluster: Cluster, target: Target, request: ApiRequest): Answer | undefined {
  const { type, subresource } = target;
  if (subresource !== undefined) return SUBRESOURCES[`${type.collection}/${subresource}`]?.(cluster, target, request);
  if (type.kind in REVIEWS && !type.custom) return onMethod('POST', review)(cluster, target, request);
  return undefined;
}
