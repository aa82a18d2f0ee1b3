import { builtinSchema } from './schemas.ts';
import { ALL_VERBS, collectionOf, type ResourceType } from '../resource-types.ts';

interface Row {
  readonly kind: string;
  readonly plural?: string;
  readonly namespaced?: boolean;
  readonly short?: readonly string[];
  readonly categories?: readonly string[];
  readonly subresources?: readonly string[];
  readonly verbs?: readonly string[];
}

const CREATE_ONLY = ['create'];
const WITHOUT_COLLECTION_DELETE = ALL_VERBS.filter((verb) => verb !== 'deletecollection');

/** The built-in resources: by group and version, in the order discovery lists them. */
const BUILTINS: Readonly<Record<string, readonly Row[]>> = {
  '/v1': [
    { kind: 'ConfigMap', namespaced: true, short: ['cm'] },
    { kind: 'Endpoints', plural: 'endpoints', namespaced: true, short: ['ep'] },
    { kind: 'Event', namespaced: true, short: ['ev'] },
    { kind: 'LimitRange', namespaced: true, short: ['limits'] },
    { kind: 'Namespace', short: ['ns'], subresources: ['status', 'finalize'], verbs: WITHOUT_COLLECTION_DELETE },
    { kind: 'Node', short: ['no'], subresources: ['status'] },
    {
      kind: 'Pod',
      namespaced: true,
      short: ['po'],
      categories: ['all'],
      subresources: ['status', 'log', 'ephemeralcontainers', 'eviction', 'binding'],
    },
    { kind: 'ResourceQuota', namespaced: true, short: ['quota'], subresources: ['status'] },
    { kind: 'Secret', namespaced: true },
    { kind: 'ServiceAccount', namespaced: true, short: ['sa'], subresources: ['token'] },
    { kind: 'Service', namespaced: true, short: ['svc'], categories: ['all'], subresources: ['status'] },
  ],
  'apps/v1': [
    { kind: 'DaemonSet', namespaced: true, short: ['ds'], categories: ['all'], subresources: ['status'] },
    { kind: 'Deployment', namespaced: true, short: ['deploy'], categories: ['all'], subresources: ['status', 'scale'] },
    { kind: 'ReplicaSet', namespaced: true, short: ['rs'], categories: ['all'], subresources: ['status', 'scale'] },
  ],
  'authentication.k8s.io/v1': [
    { kind: 'SelfSubjectReview', verbs: CREATE_ONLY },
    { kind: 'TokenReview', verbs: CREATE_ONLY },
  ],
  'authorization.k8s.io/v1': [
    { kind: 'SelfSubjectAccessReview', verbs: CREATE_ONLY },
    { kind: 'SelfSubjectRulesReview', verbs: CREATE_ONLY },
    { kind: 'SubjectAccessReview', verbs: CREATE_ONLY },
  ],
  'coordination.k8s.io/v1': [{ kind: 'Lease', namespaced: true }],
  'policy/v1': [{ kind: 'PodDisruptionBudget', namespaced: true, short: ['pdb'], subresources: ['status'] }],
  'rbac.authorization.k8s.io/v1': [
    { kind: 'ClusterRoleBinding' },
    { kind: 'ClusterRole' },
    { kind: 'RoleBinding', namespaced: true },
    { kind: 'Role', namespaced: true },
  ],
  'scheduling.k8s.io/v1': [{ kind: 'PriorityClass', plural: 'priorityclasses', short: ['pc'] }],
  'apiextensions.k8s.io/v1': [
    {
      kind: 'CustomResourceDefinition',
      short: ['crd', 'crds'],
      categories: ['api-extensions'],
      subresources: ['status'],
    },
  ],
};

function builtin(groupVersion: string, row: Row): ResourceType {
  const [group = '', version = ''] = groupVersion.split('/');
  const singular = row.kind.toLowerCase();
  const plural = row.plural ?? `${singular}s`;
  const schema = builtinSchema(collectionOf(group, plural));
  return {
    group,
    version,
    plural,
    singular,
    kind: row.kind,
    listKind: `${row.kind}List`,
    namespaced: row.namespaced ?? false,
    shortNames: row.short ?? [],
    categories: row.categories ?? [],
    verbs: row.verbs ?? ALL_VERBS,
    subresources: row.subresources ?? [],
    collection: collectionOf(group, plural),
    custom: false,
    ...(schema === undefined ? {} : { schema }),
  };
}

/** Every built-in resource type, fresh. */
export const builtinTypes: readonly ResourceType[] = Object.entries(BUILTINS).flatMap(([groupVersion, rows]) =>
  rows.map((row) => builtin(groupVersion, row)),
);
