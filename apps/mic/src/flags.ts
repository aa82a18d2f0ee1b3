import { boolFlag, durationFlag, intFlag, listFlag, stringFlag } from '@aad-pod-identity/runtime';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const port = (name: string, value: number) =>
  intFlag({ default: value, min: 0, max: 65_535, help: `Port of ${name}; 0 takes a free one.` });

/** All flags of MIC. Names and defaults are those of 1.8.17; the help says where a default differs. */
export const FLAGS = {
  kubeconfig: stringFlag({
    default: '',
    help: 'Path of a kubeconfig file; empty: KUBECONFIG, else the pod’s own account.',
  }),
  cloudconfig: stringFlag({
    default: '',
    help: 'Path of azure.json (JSON or YAML); empty: read from the environment.',
  }),
  forceNamespaced: boolFlag({
    default: false,
    env: 'FORCENAMESPACED',
    help: 'Keep every identity to the pods of its own namespace.',
  }),
  'immutable-user-msis': listFlag({
    default: [],
    help: 'Identities that are never taken off: client ids or resource ids, in any case.',
  }),
  syncRetryDuration: durationFlag({ default: HOUR, minMs: 1, help: 'How often everything is looked at anew.' }),
  'identity-assignment-reconcile-interval': durationFlag({
    default: 3 * MINUTE,
    minMs: 1,
    help: 'How often the identities on a VM or scale set are compared with what is needed.',
  }),
  createDeleteBatch: intFlag({ default: 20, min: 1, help: 'Parallel API writes for one VM or scale set.' }),
  clientQps: intFlag({
    default: 1000,
    min: 0,
    help: 'API calls per second, leases not counted; 0: no limit. 1.8.17 has 5, which delays its own work.',
  }),
  'update-user-msi-max-retry': intFlag({
    default: 2,
    min: 0,
    help: 'How often a failed write to a VM or scale set is tried again at once.',
  }),
  'update-user-msi-retry-interval': durationFlag({ default: 1000, help: 'Wait before it is tried again.' }),
  'leader-election-instance': stringFlag({ default: '', help: 'Name of this instance; empty: the host name.' }),
  'leader-election-namespace': stringFlag({ default: 'default', help: 'Namespace of the lease.' }),
  'leader-election-name': stringFlag({ default: 'aad-pod-identity-mic', help: 'Name of the lease.' }),
  'leader-election-duration': durationFlag({
    default: 15_000,
    minMs: 2000,
    help: 'How long a lease is valid; the same for all instances.',
  }),
  'leader-election-endpoints': boolFlag({
    default: true,
    help: 'Also hold the Endpoints lock of 1.8.17, so that both never lead at a time; false once it is gone for good.',
  }),
  'enable-type-upgrade': boolFlag({
    default: true,
    help: 'Rewrite stored objects with capitalised fields (ResourceID) once. They are read either way.',
  }),
  'config-map-name': stringFlag({
    default: 'aad-pod-identity-config',
    help: 'ConfigMap, in MIC’s own namespace, that says whether that was done.',
  }),
  'type-upgrade-status-key': stringFlag({ default: 'type-upgrade-status', help: 'Its key for that.' }),
  deployment: stringFlag({
    default: '',
    env: 'MIC_DEPLOYMENT',
    help:
      'namespace/name of the Deployment that runs this; while its annotation aadpodidentity.k8s.io/uninstall is "true" ' +
      'everything that MIC has assigned is taken off, and nothing is assigned.',
  }),
  'startup-taint': stringFlag({
    default: '',
    help: 'Key of a taint that new nodes come with, which is taken off once NMI is ready there; empty: no node is written.',
  }),
  'http-probe-port': port('/healthz', 8080),
  'prometheus-port': port('/metrics', 8888),
  'log-format': stringFlag({ default: 'text', oneOf: ['text', 'json'], help: 'Form of the log lines.' }),
  v: intFlag({ default: 0, min: 0, max: 10, aliases: ['verbosity'], help: 'Verbosity; from 1 on details are logged.' }),
  'custom-user-agent': stringFlag({
    default: '',
    help: 'Appended to the User-Agent of calls to Azure and Kubernetes.',
  }),
  version: boolFlag({ default: false, help: 'Print the version and end.' }),
  help: boolFlag({ default: false, aliases: ['h'], help: 'Print this and end.' }),
  logtostderr: boolFlag({ default: true, deprecated: 'the log always goes to standard error', help: 'Accepted.' }),
  enableScaleFeatures: boolFlag({ default: false, deprecated: 'they are always on', help: 'Accepted.' }),
  enableProfile: boolFlag({ default: false, deprecated: 'there is no profiling endpoint', help: 'Accepted.' }),
} as const;
