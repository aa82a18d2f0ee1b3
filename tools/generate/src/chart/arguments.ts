import { type FlagTable, isFlagTable } from './flag-tables.ts';

/** Containers of the chart whose arguments come from values: container -> flag -> path of the value. */
export const ARGUMENTS = {
  mic: {
    v: 'mic.logVerbosity',
    'log-format': 'mic.loggingFormat',
    'leader-election-instance': 'mic.leaderElection.instance',
    'leader-election-name': 'mic.leaderElection.name',
    'leader-election-duration': 'mic.leaderElection.duration',
    'leader-election-endpoints': 'mic.leaderElection.endpoints',
    'http-probe-port': 'mic.probePort',
    'prometheus-port': 'mic.prometheusPort',
    createDeleteBatch: 'mic.createDeleteBatch',
    clientQps: 'mic.clientQps',
    'immutable-user-msis': 'mic.immutableUserMSIs',
    syncRetryDuration: 'mic.syncRetryDuration',
    'update-user-msi-max-retry': 'mic.updateUserMSIMaxRetry',
    'update-user-msi-retry-interval': 'mic.updateUserMSIRetryInterval',
    'identity-assignment-reconcile-interval': 'mic.identityAssignmentReconcileInterval',
    'enable-type-upgrade': 'mic.enableTypeUpgrade',
    'startup-taint': 'startupTaint.key',
    'custom-user-agent': 'customUserAgent',
  },
  nmi: {
    v: 'nmi.logVerbosity',
    'log-format': 'nmi.loggingFormat',
    'operation-mode': 'operationMode',
    'http-probe-port': 'nmi.probePort',
    'prometheus-port': 'nmi.prometheusPort',
    'ipt-update-interval-sec': 'nmi.ipTableUpdateTimeIntervalInSeconds',
    'retry-attempts-for-created': 'nmi.retryAttemptsForCreated',
    'retry-attempts-for-assigned': 'nmi.retryAttemptsForAssigned',
    'find-identity-retry-interval': 'nmi.findIdentityRetryIntervalInSeconds',
    enableScaleFeatures: 'nmi.enableScaleFeatures',
    'block-instance-metadata': 'nmi.blockInstanceMetadata',
    'metadata-header-required': 'nmi.metadataHeaderRequired',
    'allow-network-plugin-kubenet': 'nmi.allowNetworkPluginKubenet',
    'kubelet-config': 'nmi.kubeletConfig',
    'set-retry-after-header': 'nmi.setRetryAfterHeader',
    'enable-conntrack-deletion': 'nmi.enableConntrackDeletion',
    'nmi-port': 'nmi.port',
    'metadata-ip': 'nmi.metadataIP',
    'metadata-port': 'nmi.metadataPort',
    'iptables-backend': 'nmi.iptablesBackend',
    'allowed-ad-endpoints': 'nmi.allowedADEndpoints',
    'heavier-identity-wait-seconds': 'nmi.heavierIdentityWaitSeconds',
    'pod-requests-per-second': 'nmi.podRequestsPerSecond',
    'metadata-paths': 'nmi.metadataPaths',
    'custom-user-agent': 'customUserAgent',
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>;

export type Container = keyof typeof ARGUMENTS;

/** The template whose definitions are these tables, as YAML. @throws an Error that names a flag its program does not have */
export function argumentsTemplate(tables: Readonly<Record<Container, FlagTable>>): string {
  const containers = Object.keys(ARGUMENTS) as Container[];
  const definitions = containers.map((container) => definition(container, tables[container]));
  const note =
    '{{- /* Generated from tools/generate/src/chart/arguments.ts by `npm run generate`; not to be edited by hand. */ -}}';
  return `${note}\n${definitions.join('\n')}`;
}

function definition(container: Container, table: FlagTable): string {
  if (!isFlagTable(table)) throw new Error(`the flags of ${container} are no table`);
  const rows = Object.entries(ARGUMENTS[container]).map(([flag, path]) => {
    if (table[flag] === undefined) throw new Error(`${container} has no flag --${flag}, which ${path} is to set`);
    return `${flag}: ${path}`;
  });
  return `{{- define "aad-pod-identity.${container}.flags" }}\n${rows.join('\n')}\n{{- end }}\n`;
}
