import {
  anyList,
  anyMap,
  bool,
  duration,
  mapOf,
  oneOf,
  port,
  record,
  type Schema,
  text,
  textMap,
  texts,
  whole,
} from './schema-parts.ts';
import type { ValueRow } from './values-file.ts';

const binding = record({
  name: text,
  selector: text,
  weight: whole,
  serviceAccountNames: texts,
});

const identityFields = {
  name: text,
  type: { anyOf: [{ enum: [0, 1, 2, '0', '1', '2', null] }] },
  resourceID: text,
  clientID: text,
  tenantID: text,
  clientPassword: { anyOf: [{ type: ['string', 'null'] }, record({ name: text, namespace: text })] },
  auxiliaryTenantIDs: texts,
  adEndpoint: text,
  namespaced: bool,
  binding,
};

/** A list is let through to the templates, which say what to do about it. */
const LISTS_PASS = { type: ['object', 'array', 'null'] };

const identities = mapOf(record({ ...identityFields, namespace: text }), LISTS_PASS);
const namespaces = mapOf(
  record({ azureIdentities: mapOf(record(identityFields), LISTS_PASS), namespaced: bool, blockInstanceMetadata: bool }),
);

const workload = (name: 'mic' | 'nmi'): Readonly<Record<string, Schema>> => {
  const own: Readonly<Record<string, Schema>> = {
    ...{ image: text, tag: text, priorityClassName: text, logVerbosity: whole, loggingFormat: oneOf('text', 'json') },
    ...{ resources: anyMap, podAnnotations: textMap, podLabels: textMap, nodeSelector: textMap },
    ...{ tolerations: anyList, affinity: anyMap, probePort: port, prometheusPort: port },
  };
  return Object.fromEntries(Object.entries(own).map(([key, schema]) => [`${name}.${key}`, schema]));
};

const monitor = (name: string): Readonly<Record<string, Schema>> => ({
  [`monitoring.${name}.enabled`]: bool,
  [`monitoring.${name}.labels`]: textMap,
  [`monitoring.${name}.interval`]: duration,
});

/** What each value may be: its path, as in values.yaml -> its schema. */
export const VALUE_SCHEMAS: Readonly<Record<string, Schema>> = {
  ...{ nameOverride: text, fullnameOverride: text, imagePullSecrets: anyList, customUserAgent: text },
  'image.repository': text,
  'image.imagePullPolicy': oneOf('Always', 'IfNotPresent', 'Never'),
  ...{ forceNamespaced: bool, installMICException: bool, operationMode: oneOf('standard', 'managed') },
  adminsecret: record({
    ...{ cloud: text, subscriptionID: text, resourceGroup: text, vmType: text, tenantID: text },
    ...{ clientID: text, clientSecret: text, useMSI: bool, userAssignedMSIClientID: text },
  }),
  ...workload('mic'),
  'mic.replicas': whole,
  'mic.topologySpreadConstraints': anyList,
  'mic.podDisruptionBudget': record({
    minAvailable: { type: ['integer', 'string', 'null'] },
    maxUnavailable: { type: ['integer', 'string', 'null'] },
  }),
  'mic.leaderElection.instance': text,
  'mic.leaderElection.namespace': text,
  'mic.leaderElection.name': text,
  'mic.leaderElection.duration': duration,
  'mic.leaderElection.endpoints': bool,
  'mic.syncRetryDuration': duration,
  'mic.immutableUserMSIs': texts,
  'mic.createDeleteBatch': whole,
  'mic.clientQps': whole,
  'mic.cloudConfig': text,
  'mic.customCloud.enabled': bool,
  'mic.customCloud.configPath': text,
  'mic.updateUserMSIMaxRetry': whole,
  'mic.updateUserMSIRetryInterval': duration,
  'mic.identityAssignmentReconcileInterval': duration,
  'mic.enableTypeUpgrade': bool,
  ...workload('nmi'),
  'nmi.updateStrategy': anyMap,
  'nmi.ipTableUpdateTimeIntervalInSeconds': whole,
  'nmi.micNamespace': text,
  'nmi.retryAttemptsForCreated': whole,
  'nmi.retryAttemptsForAssigned': whole,
  'nmi.findIdentityRetryIntervalInSeconds': whole,
  'nmi.enableScaleFeatures': bool,
  'nmi.blockInstanceMetadata': bool,
  'nmi.metadataHeaderRequired': bool,
  'nmi.allowNetworkPluginKubenet': bool,
  'nmi.kubeletConfig': text,
  'nmi.setRetryAfterHeader': bool,
  'nmi.enableConntrackDeletion': bool,
  'nmi.listenAddress': text,
  'nmi.port': port,
  'nmi.metadataIP': text,
  'nmi.metadataPort': port,
  'nmi.redirection': oneOf('iptables', 'none'),
  'nmi.iptablesBackend': oneOf('auto', 'nft', 'legacy'),
  'nmi.allowedADEndpoints': texts,
  'nmi.heavierIdentityWaitSeconds': whole,
  'nmi.podRequestsPerSecond': whole,
  'nmi.metadataPaths': texts,
  'rbac.enabled': bool,
  'rbac.allowAccessToSecrets': bool,
  'rbac.pspEnabled': bool,
  'rbac.createUserFacingClusterRoles': bool,
  ...{ azureIdentities: identities, namespaces, removedNamespaces: texts, identitiesOnly: bool, onlyNamespace: text },
  exceptions: mapOf(record({ namespace: text, podLabels: textMap })),
  'startupTaint.key': text,
  'crds.upgrade': bool,
  'uninstall.enabled': bool,
  'uninstall.timeoutSeconds': whole,
  'hooks.nodeSelector': textMap,
  'hooks.tolerations': anyList,
  'hooks.resources': anyMap,
  'test.image': text,
  'test.tag': text,
  'test.selector': text,
  'test.resource': text,
  ...monitor('podMonitor'),
  ...monitor('serviceMonitor'),
  'monitoring.prometheusRule.enabled': bool,
  'monitoring.prometheusRule.labels': textMap,
  'monitoring.dashboards.enabled': bool,
  'monitoring.dashboards.labels': textMap,
  'monitoring.dashboards.annotations': textMap,
  'monitoring.dashboards.namespace': text,
  'networkPolicy.enabled': bool,
  'networkPolicy.apiServerPorts': { type: ['array', 'null'], items: port },
  'podSecurity.labelNamespace': bool,
  'openshift.securityContextConstraints': bool,
  'cilium.localRedirectPolicy': bool,
  'policies.bindings.enabled': bool,
  'policies.identities.enabled': bool,
  'policies.identities.allowed': mapOf(texts),
  'policies.dropNetRaw.enabled': bool,
  'policies.actions': { type: ['array', 'null'], items: { enum: ['Deny', 'Warn', 'Audit'] } },
  plainNames: bool,
};

interface Folder {
  readonly type: readonly string[];
  readonly additionalProperties: false;
  readonly properties: Record<string, unknown>;
}

const folder = (): Folder => ({ type: ['object', 'null'], additionalProperties: false, properties: {} });

function place(root: Folder, path: string, schema: Schema): void {
  const names = path.split('.');
  const last = names.pop() ?? '';
  let here = root;
  for (const name of names) here = (here.properties[name] ??= folder()) as Folder;
  here.properties[last] = schema;
}

/** values.schema.json. @throws an Error that names a value with no schema, or a schema with no value */
export function valuesSchema(rows: readonly ValueRow[]): string {
  const known = new Set(rows.map(({ path }) => path));
  const stale = Object.keys(VALUE_SCHEMAS).find((path) => !known.has(path));
  if (stale !== undefined) throw new Error(`values-schema.ts: values.yaml has no ${stale}`);
  const root = folder();
  for (const { path, help, default: value } of rows) {
    const schema = VALUE_SCHEMAS[path];
    if (schema === undefined) throw new Error(`values-schema.ts: nothing says what ${path} of values.yaml may be`);
    place(root, path, { description: help, default: value, ...schema });
  }
  // Helm puts it there when the chart is part of another
  place(root, 'global', { description: 'Not used.' });
  return `${JSON.stringify({ $schema: 'http://json-schema.org/draft-07/schema#', title: 'aad-pod-identity', ...root }, null, 2)}\n`;
}
