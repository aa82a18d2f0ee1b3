type Other = readonly [group: string, version: string, kind: string, plural: string, scope?: string];

/** Kinds of other projects, as far as the chart needs them: names, and a spec that takes everything. */
const KINDS: readonly Other[] = [
  ['monitoring.coreos.com', 'v1', 'PodMonitor', 'podmonitors'],
  ['monitoring.coreos.com', 'v1', 'ServiceMonitor', 'servicemonitors'],
  ['monitoring.coreos.com', 'v1', 'PrometheusRule', 'prometheusrules'],
  ['cilium.io', 'v2', 'CiliumLocalRedirectPolicy', 'ciliumlocalredirectpolicies'],
  ['security.openshift.io', 'v1', 'SecurityContextConstraints', 'securitycontextconstraints', 'Cluster'],
];

const crd = ([group, version, kind, plural, scope = 'Namespaced']: Other): object => ({
  ...{
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
  },
  spec: {
    ...{ group, scope, names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` } },
    versions: [
      {
        ...{ name: version, served: true, storage: true },
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
});

export const OTHERS: readonly object[] = KINDS.map(crd);
