import type { Cloud } from './types.ts';

/** The message is one line for people: what was found and what is allowed. */
export class CloudError extends Error {
  override readonly name = 'CloudError';
  readonly code = 'usage';
}

const cloud = (name: string, login: string, management: string): Cloud => ({
  name,
  activeDirectoryEndpoint: `https://${login}`,
  resourceManagerEndpoint: `https://${management}`,
  resourceManagerAudience: `https://${management}/`,
});

const PUBLIC = cloud('AzurePublicCloud', 'login.microsoftonline.com', 'management.azure.com');
const US_GOVERNMENT = cloud('AzureUSGovernmentCloud', 'login.microsoftonline.us', 'management.usgovcloudapi.net');
const CHINA = cloud('AzureChinaCloud', 'login.chinacloudapi.cn', 'management.chinacloudapi.cn');
const GERMANY = cloud('AzureGermanCloud', 'login.microsoftonline.de', 'management.microsoftazure.de');

/** The clouds that need no file. */
export const CLOUDS: readonly Cloud[] = [PUBLIC, US_GOVERNMENT, CHINA, GERMANY];

const CUSTOM = 'AzureStackCloud';

/** Every spelling in use, lower-cased. */
const BY_NAME: ReadonlyMap<string, Cloud> = new Map([
  ['', PUBLIC],
  ['azurecloud', PUBLIC],
  ['azureusgovernment', US_GOVERNMENT],
  ...CLOUDS.map((known) => [known.name.toLowerCase(), known] as const),
]);

export interface CloudSource {
  /** In any case; empty means the public cloud. */
  readonly name: string;
  /** Path of the JSON file that describes `AzureStackCloud`; from `AZURE_ENVIRONMENT_FILEPATH`. */
  readonly environmentFile?: string | undefined;
  readonly readFile: (path: string) => Promise<string>;
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}

function isHttpsUrl(value: string): boolean {
  return URL.canParse(value) && new URL(value).protocol === 'https:';
}

/** Reads the description of a cloud of one's own. */
function parseEnvironment(text: string, file: string): Cloud {
  let fields: Record<string, unknown>;
  try {
    fields = Object(JSON.parse(text)) as Record<string, unknown>;
  } catch {
    throw new CloudError(`${file} is not JSON; a description of ${CUSTOM} is needed`);
  }
  const url = (field: string): string => {
    const value = fields[field];
    if (typeof value === 'string' && isHttpsUrl(value)) return value;
    throw new CloudError(`${file}: ${field} must be an https URL`);
  };
  const audience = ['tokenAudience', 'serviceManagementEndpoint', 'resourceManagerEndpoint'].find(
    (field) => fields[field],
  );
  return {
    name: typeof fields.name === 'string' && fields.name !== '' ? fields.name : CUSTOM,
    activeDirectoryEndpoint: withoutSlash(url('activeDirectoryEndpoint')),
    resourceManagerEndpoint: withoutSlash(url('resourceManagerEndpoint')),
    resourceManagerAudience: url(audience ?? 'resourceManagerEndpoint'),
  };
}

/**
 * The cloud of that name.
 * @throws CloudError if there is none, or its file is missing or makes no sense
 */
export async function resolveCloud({ name, environmentFile, readFile }: CloudSource): Promise<Cloud> {
  const wanted = name.trim().toLowerCase();
  const known = BY_NAME.get(wanted);
  if (known !== undefined) return known;
  if (wanted !== CUSTOM.toLowerCase()) {
    const names = [...CLOUDS.map((each) => each.name), CUSTOM].join(', ');
    throw new CloudError(`unknown cloud "${name}": allowed are ${names}`);
  }
  if (environmentFile === undefined || environmentFile === '') {
    throw new CloudError(`${CUSTOM} needs AZURE_ENVIRONMENT_FILEPATH to name the file that describes it`);
  }
  const text = await readFile(environmentFile).catch((error: unknown) => {
    throw new CloudError(`cannot read ${environmentFile}`, { cause: error });
  });
  return parseEnvironment(text, environmentFile);
}

/** Scheme, host and port of an https URL that is nothing more than that; undefined for any other. */
function bareOrigin(url: string): string | undefined {
  if (!isHttpsUrl(url)) return undefined;
  const { origin, pathname, search, hash, username, password } = new URL(url);
  const more = [search, hash, username, password].join('') !== '' || pathname !== '/';
  return more ? undefined : origin;
}

/**
 * Whether secrets may be sent to `url`: it is the Entra ID of a known cloud, or one of `allowed`. Anything beside
 * scheme, host and port (a path, credentials, a query) makes it another place.
 */
export function knownAuthority(url: string, allowed: readonly string[] = []): boolean {
  const origin = bareOrigin(url);
  const trusted = [...CLOUDS.map((each) => each.activeDirectoryEndpoint), ...allowed];
  return origin !== undefined && trusted.some((each) => bareOrigin(each) === origin);
}
