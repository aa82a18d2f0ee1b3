import { parse } from 'yaml';

/** How MIC reaches Azure: who it is, and in which cloud. */
export interface CloudConfig {
  /** As in azure.json, in any case; empty is the public cloud. */
  readonly cloud: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Whether MIC's own token comes from IMDS; else it signs in as a service principal. */
  readonly useManagedIdentity: boolean;
  /** Client id of the identity that MIC uses, and that is never taken off a VM or scale set; may be empty. */
  readonly userAssignedIdentityId: string;
}

/** What was configured cannot be used; the message is one line. */
export class CloudConfigError extends Error {
  override readonly name = 'CloudConfigError';
  readonly code = 'usage';
}

type Fields = Readonly<Record<string, unknown>>;

/** Our field -> its name in azure.json, and the environment variable. */
const NAMES = {
  cloud: ['cloud', 'CLOUD'],
  tenantId: ['tenantId', 'TENANT_ID'],
  clientId: ['aadClientId', 'CLIENT_ID'],
  clientSecret: ['aadClientSecret', 'CLIENT_SECRET'],
  useManagedIdentity: ['useManagedIdentityExtension', 'USE_MSI'],
  userAssignedIdentityId: ['userAssignedIdentityID', 'USER_ASSIGNED_MSI_CLIENT_ID'],
} as const satisfies Record<keyof CloudConfig, readonly [string, string]>;

type Source = (names: readonly [string, string]) => { readonly name: string; readonly value: unknown };

function text(source: Source, names: readonly [string, string]): string {
  const { name, value } = source(names);
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value.trim();
  throw new CloudConfigError(`${name}: found something that is no text`);
}

function flag(source: Source, names: readonly [string, string]): boolean {
  const { name, value } = source(names);
  if (value === undefined || value === null || value === '') return false;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string' && /^(true|false)$/i.test(value.trim())) return value.trim().toLowerCase() === 'true';
  throw new CloudConfigError(`${name}: found something else than true or false`);
}

/** A GUID or a domain name: it becomes part of the URL that a secret is sent to. */
const TENANT = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/i;

/** Clusters with a managed identity have `msi` where a service principal's id and secret would stand. */
function isManaged({ clientId, clientSecret }: { clientId: string; clientSecret: string }): boolean {
  return clientId.toLowerCase() === 'msi' && clientSecret.toLowerCase() === 'msi';
}

function check(config: CloudConfig, nameOf: (field: keyof CloudConfig) => string): CloudConfig {
  if (config.useManagedIdentity) return config;
  const needed = ['tenantId', 'clientId', 'clientSecret'] as const;
  const missing = needed.filter((field) => config[field] === '').map(nameOf);
  const unless = `unless ${nameOf('useManagedIdentity')} is true`;
  if (missing.length > 0) {
    throw new CloudConfigError(`${missing.join(', ')}: needed to sign in as a service principal, ${unless}`);
  }
  const placeholder = (['clientId', 'clientSecret'] as const).find((field) => config[field].toLowerCase() === 'msi');
  if (placeholder !== undefined) {
    throw new CloudConfigError(`${nameOf(placeholder)}: found msi, which is no service principal's, ${unless}`);
  }
  if (TENANT.test(config.tenantId)) return config;
  throw new CloudConfigError(`${nameOf('tenantId')}: allowed is a GUID or the name of a domain`);
}

function readFields(source: Source, nameOf: (field: keyof CloudConfig) => string): CloudConfig {
  const config = {
    cloud: text(source, NAMES.cloud),
    tenantId: text(source, NAMES.tenantId),
    clientId: text(source, NAMES.clientId),
    clientSecret: text(source, NAMES.clientSecret),
    useManagedIdentity: flag(source, NAMES.useManagedIdentity),
    userAssignedIdentityId: text(source, NAMES.userAssignedIdentityId),
  };
  return check({ ...config, useManagedIdentity: config.useManagedIdentity || isManaged(config) }, nameOf);
}

/** @throws CloudConfigError that names the field and never what stands in it */
export function parseCloudConfig(content: string, path: string): CloudConfig {
  let parsed: unknown;
  try {
    parsed = parse(content);
  } catch {
    throw new CloudConfigError(`${path}: is neither JSON nor YAML`);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new CloudConfigError(`${path}: holds no fields`);
  }
  const fields = new Map(Object.entries(parsed as Fields).map(([key, value]) => [key.toLowerCase(), value]));
  const source: Source = ([name]) => ({ name: `${path}: ${name}`, value: fields.get(name.toLowerCase()) });
  return readFields(source, (field) => `${path}: ${NAMES[field][0]}`);
}

/** @throws CloudConfigError that names the variable and never what stands in it */
export function cloudConfigFromEnv(env: NodeJS.ProcessEnv): CloudConfig {
  const source: Source = ([, name]) => ({ name: `${name} (environment)`, value: env[name] });
  return readFields(source, (field) => `${NAMES[field][1]} (environment)`);
}

/** Where the name of the cloud was read, for messages about it. */
export function nameOfCloud(path: string): string {
  return path === '' ? `${NAMES.cloud[1]} (environment)` : `${path}: ${NAMES.cloud[0]}`;
}

/** `path` is the value of `--cloudconfig`; empty means the environment. */
export async function loadCloudConfig(
  path: string,
  env: NodeJS.ProcessEnv,
  readFile: (path: string) => Promise<string>,
): Promise<CloudConfig> {
  if (path === '') return cloudConfigFromEnv(env);
  const content = await readFile(path).catch((cause: unknown) => {
    throw new CloudConfigError(`--cloudconfig: ${path} cannot be read`, { cause });
  });
  return parseCloudConfig(content, path);
}
