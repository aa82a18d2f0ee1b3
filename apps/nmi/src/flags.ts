import { boolFlag, intFlag, listFlag, stringFlag, type FlagValues } from '@aad-pod-identity/runtime';

const port = (value: number, help: string) => intFlag({ default: value, min: 0, max: 65_535, help });
const ADDRESS = '127.0.0.1';

/** Every flag of NMI. The names and defaults of 1.8.17 are an interface; those at the end are new. */
export const flags = {
  'nmi-listen-address': stringFlag({ default: ADDRESS, help: 'address that token requests are redirected to' }),
  'nmi-port': port(2579, 'port that token requests are redirected to'),
  'metadata-ip': stringFlag({ default: '169.254.169.254', help: 'address of the metadata service' }),
  'metadata-port': port(80, 'port of the metadata service'),
  node: stringFlag({ default: '', env: 'NODENAME', help: 'name of the node this runs on; needed' }),
  'ipt-update-interval-sec': intFlag({
    default: 60,
    min: 1,
    max: 86_400,
    help: 'seconds between two looks at the rules',
  }),
  forceNamespaced: boolFlag({
    default: false,
    env: 'FORCENAMESPACED',
    help: 'identities are used only by pods of their own namespace',
  }),
  MICNamespace: stringFlag({ default: 'default', help: 'namespace that MIC runs in' }),
  'http-probe-port': port(8080, 'port of /healthz and /readyz'),
  'retry-attempts-for-created': intFlag({
    default: 16,
    min: 0,
    max: 10_000,
    help: 'how many find-identity-retry-intervals a request waits for an identity to be recorded by MIC',
  }),
  'retry-attempts-for-assigned': intFlag({
    default: 4,
    min: 0,
    max: 10_000,
    help: 'how many more of them it waits for a recorded identity to be assigned',
  }),
  'find-identity-retry-interval': intFlag({
    default: 5,
    min: 0,
    max: 3_600,
    help: 'seconds; the unit of the two waits',
  }),
  enableProfile: boolFlag({ default: false, help: 'profiling', deprecated: 'use the inspector of Node.js' }),
  enableScaleFeatures: boolFlag({
    default: true,
    help: 'watch only assigned identities that are labelled with this node',
  }),
  'block-instance-metadata': boolFlag({ default: false, help: 'refuse requests for instance metadata' }),
  'metadata-header-required': boolFlag({ default: true, help: 'refuse requests without the header Metadata: true' }),
  'prometheus-port': port(9090, 'port of /metrics'),
  'operation-mode': stringFlag({
    default: 'standard',
    oneOf: ['standard', 'managed'],
    help: 'whether MIC assigns identities, or they are assigned by other means',
  }),
  'allow-network-plugin-kubenet': boolFlag({
    default: false,
    help: 'run although pods can take each other’s addresses',
  }),
  'kubelet-config': stringFlag({ default: '/etc/default/kubelet', help: 'file that tells the network plugin' }),
  'set-retry-after-header': boolFlag({
    default: false,
    help: 'answer 503 with Retry-After, not 404, while an identity is pending',
  }),
  'enable-conntrack-deletion': boolFlag({
    default: false,
    help: 'drop open connections to the metadata service at every start, not only when the rules were missing',
  }),
  'log-format': stringFlag({ default: 'text', oneOf: ['text', 'json'], help: 'form of the log' }),
  v: intFlag({ default: 0, min: 0, max: 10, aliases: ['verbosity'], help: 'verbosity; from 1 on details are logged' }),
  logtostderr: boolFlag({ default: true, help: 'log to standard error', deprecated: 'it always does' }),
  'custom-user-agent': stringFlag({ default: '', help: 'text added to the user agent' }),
  version: boolFlag({ default: false, help: 'print the version and exit' }),
  help: boolFlag({ default: false, aliases: ['h'], help: 'print this and exit' }),
  kubeconfig: stringFlag({ default: '', help: 'kubeconfig file; else environment KUBECONFIG, else in-cluster' }),
  redirection: stringFlag({
    default: 'iptables',
    oneOf: ['iptables', 'none'],
    help: 'how requests come here; none: somebody else sees to it',
  }),
  'iptables-backend': stringFlag({
    default: 'auto',
    oneOf: ['auto', 'nft', 'legacy'],
    help: 'back-end of iptables; auto: the one that the kubelet of this node uses',
  }),
  'close-only': boolFlag({
    default: false,
    help:
      'close the metadata address of this node to whatever is not redirected, and exit; for the moment in which an ' +
      'NMI 1.8.17 ends, which takes its redirection away',
  }),
  daemonset: stringFlag({
    default: '',
    env: 'NMI_DAEMONSET',
    help:
      'namespace/name of the DaemonSet that runs this; while its annotation aadpodidentity.k8s.io/uninstall is "true" ' +
      'the redirection rules are taken away, which nothing else does',
  }),
  'namespace-settings': stringFlag({
    default: '',
    help:
      'namespace/name of the ConfigMap that says what is tighter in single namespaces; watched, and what it says holds ' +
      'without a restart',
  }),
  'allowed-ad-endpoints': listFlag({
    default: [],
    help: 'https URLs that service principals’ secrets may be sent to besides the known clouds',
  }),
  'mic-service-accounts': listFlag({
    default: ['aad-pod-id-mic-service-account', 'aad-pod-identity-mic'],
    help: 'service accounts of MIC in its namespace; pods that run as them get the node’s own identity',
  }),
  'heavier-identity-wait-seconds': intFlag({
    default: 5,
    min: 0,
    max: 600,
    help: 'how long a request waits for a heavier identity than the one that is assigned',
  }),
  'pod-requests-per-second': intFlag({
    default: 10_000,
    min: 0,
    max: 1_000_000,
    help: 'requests a second that one pod may make in the long run; above that it gets 429; 0: no limit',
  }),
  'metadata-paths': listFlag({
    default: ['instance', 'versions', 'attested', 'loadbalancer', 'scheduledevents'],
    help: 'what of the metadata service is passed on, by the first part of its path under /metadata',
  }),
} as const;

export type Flags = FlagValues<typeof flags>;
