/**
 * What the pages leave to the reader, and what the tests put there: `<name>` in commands and manifests, and the
 * variables that commands of Azure would set.
 */
const GROUP = 'MC_AzurePodIdentityDemo_podidentitydemo_northeurope';
const SUBSCRIPTION = '00000000-aaaa-4000-8000-000000000001';
const IDENTITY = `/subscriptions/${SUBSCRIPTION}/resourceGroups/${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/azureaccess`;

export const PLACEHOLDERS: Readonly<Record<string, string>> = {
  registry: 'registry.example.com',
  folder: 'team',
  subscription: SUBSCRIPTION,
  group: GROUP,
  tenant: '00000000-bbbb-4000-8000-000000000001',
  'resource id': IDENTITY,
  'client id': '00000000-cccc-4000-8000-000000000001',
  'app id': '00000000-cccc-4000-8000-000000000002',
  password: 'not-a-real-secret',
  namespace: 'kube-system',
  node: 'node-1',
  pod: 'podidentitydemo',
  name: 'azureaccess',
  cluster: 'podidentitydemo',
  location: 'northeurope',
  'your values': '/dev/null',
  key: 'aadpodidentity.k8s.io/nmi-not-ready',
  'path of helm': 'helm',
  'the printed path': '/tmp/sandbox/kubeconfig',
};

/** Variables that blocks of Azure set, for the blocks after them. */
export const VARIABLES: Readonly<Record<string, string>> = {
  GROUP,
  CLUSTER: 'podidentitydemo',
  VERSION: '2.0.0',
  REPOSITORY: `${PLACEHOLDERS.registry ?? ''}/${PLACEHOLDERS.folder ?? ''}`,
  SUBSCRIPTION_ID: SUBSCRIPTION,
  NODE_GROUP: GROUP,
  RESOURCE_ID: IDENTITY,
  CLIENT_ID: PLACEHOLDERS['client id'] ?? '',
  TENANT_ID: PLACEHOLDERS.tenant ?? '',
  APP_ID: PLACEHOLDERS['app id'] ?? '',
  PASSWORD: 'not-a-real-secret',
};

const PLACEHOLDER = /<([a-z][a-z ]*[a-z]|[a-z])>/g;

/** The text with every placeholder of the table replaced. */
export function fill(text: string, table: Readonly<Record<string, string>> = PLACEHOLDERS): string {
  return text.replaceAll(PLACEHOLDER, (whole, name: string) => table[name] ?? whole);
}

/** Placeholders of a text that the table does not have. */
export function unknownPlaceholders(text: string): string[] {
  return [...text.matchAll(PLACEHOLDER)].map(([, name = '']) => name).filter((name) => !(name in PLACEHOLDERS));
}
