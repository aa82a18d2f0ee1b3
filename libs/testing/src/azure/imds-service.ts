import { computeId, newGuid, sameKey } from './ids.ts';
import type { Exchange, Operation, Reply } from './service.ts';
import type { AzureState, ComputeResource, Principal } from './state.ts';
import type { TokenIssuer } from './tokens.ts';

export interface ImdsOptions {
  readonly state: AzureState;
  readonly issuer: TokenIssuer;
  readonly resource: ComputeResource;
  /** Name of the machine: the VM's, or that of one instance of a scale set. */
  readonly machineName: string;
  readonly lifetimeSeconds: () => number;
  /** Gives a release function, or undefined when the service's own limits are reached. */
  readonly admit: () => (() => void) | undefined;
}

type Subject = Principal & { readonly id?: string };

const TOKEN_PATH = /^\/metadata\/identity\/oauth2\/token\/?$/i;
const SELECTORS = ['client_id', 'object_id', 'msi_res_id', 'mi_res_id'] as const;
const NOT_FOUND = 'Identity not found';
const AMBIGUOUS =
  'Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in the token request';

/** A text that a test can look for to see that an answer came from the machine's own metadata service. */
export const IMDS_TELL_TALE = 'answered-by-the-metadata-service-itself';

export const imdsErrorBody = (error: string, description: string): object => ({
  error,
  error_description: description,
});

const refuse = (error: string, description: string, note = description): Reply => ({
  status: 400,
  body: imdsErrorBody(error, description),
  note,
});

/** Assignments whose identity still exists: a recreated one is another identity of the same name. */
function liveAssignments({ state, resource }: ImdsOptions): Subject[] {
  return [...resource.userAssigned.values()].flatMap((assigned) => {
    const identity = state.identities.get(sameKey(assigned.id));
    const isLive = identity?.clientId === assigned.clientId && identity.breakage !== 'missing';
    return isLive ? { id: assigned.id, clientId: identity.clientId, principalId: identity.principalId } : [];
  });
}

function named(subjects: readonly Subject[], key: string, value: string): Subject | undefined {
  const wanted = sameKey(value);
  if (key === 'client_id') return subjects.find(({ clientId }) => sameKey(clientId) === wanted);
  if (key === 'object_id') return subjects.find(({ principalId }) => sameKey(principalId) === wanted);
  return subjects.find(({ id }) => id !== undefined && sameKey(id) === wanted);
}

/** The identity that a request means, or why there is none. */
function select(options: ImdsOptions, query: URLSearchParams): Subject | string {
  const { systemAssigned } = options.resource;
  const assigned = liveAssignments(options);
  const selectors = SELECTORS.filter((key) => query.has(key));
  if (selectors.length > 1) return `At most one of ${selectors.join(', ')} may be given`;
  const [key] = selectors;
  if (key !== undefined) {
    const candidates = systemAssigned === undefined ? assigned : [...assigned, systemAssigned];
    return named(candidates, key, query.get(key) ?? '') ?? NOT_FOUND;
  }
  if (systemAssigned !== undefined) return systemAssigned;
  return assigned.length > 1 ? AMBIGUOUS : (assigned[0] ?? NOT_FOUND);
}

/** In the order of the real service, which a client depends on. */
function tokenBody(
  token: string,
  clientId: string,
  resource: string,
  times: { exp: number; nbf: number; iat: number },
) {
  const lifetime = String(times.exp - times.iat);
  return {
    access_token: token,
    client_id: clientId,
    expires_in: lifetime,
    expires_on: String(times.exp),
    ext_expires_in: lifetime,
    not_before: String(times.nbf),
    refresh_token: '',
    resource,
    token_type: 'Bearer',
  };
}

async function tokenReply(options: ImdsOptions, query: URLSearchParams): Promise<Reply> {
  const resource = query.get('resource') ?? '';
  if (!query.has('api-version')) return refuse('bad_request', 'Required query variable api-version is missing');
  if (resource === '') return refuse('invalid_request', 'Required query variable resource is missing');
  const subject = select(options, query);
  if (typeof subject === 'string') return refuse('invalid_request', subject);
  if (!options.state.knowsAudience(resource)) {
    const text = `AADSTS500011: The resource principal named ${resource} was not found in the tenant.`;
    return refuse('invalid_resource', text);
  }
  const { token, claims } = await options.issuer.issue({
    clientId: subject.clientId,
    principalId: subject.principalId,
    tenantId: options.state.tenantId,
    audience: resource,
    lifetimeSeconds: options.lifetimeSeconds(),
    resourceId: subject.id ?? options.resource.id,
  });
  const note = `token of ${subject.id ?? 'the system-assigned identity'} for ${resource}`;
  return { status: 200, body: tokenBody(token, subject.clientId, resource, claims), note };
}

const BUSY: Reply = {
  status: 429,
  body: imdsErrorBody('too_many_requests', 'Too many requests'),
  note: 'over the limit',
};

function instanceDocument({ resource, machineName }: ImdsOptions): object {
  const { subscriptionId, resourceGroup, name, kind } = resource;
  return {
    compute: {
      name: machineName,
      subscriptionId,
      resourceGroupName: resourceGroup,
      resourceId:
        kind === 'vm' ? resource.id : `${computeId(kind, subscriptionId, resourceGroup, name)}/virtualMachines/0`,
      vmScaleSetName: kind === 'vmss' ? name : '',
      location: 'simulated',
      azEnvironment: 'AzureStackCloud',
      vmId: newGuid(),
    },
    network: { interface: [] },
  };
}

/** Every other path the service answers: by it a test sees what reached the machine's own service. */
function documentReply(options: ImdsOptions, path: string): Reply {
  const [, area = '', rest = ''] = /^\/metadata\/([a-z]+)(\/.*)?$/i.exec(path) ?? [];
  const tellTale = { simulator: IMDS_TELL_TALE, path };
  const documents: Readonly<Record<string, object>> = {
    instance: { ...tellTale, ...instanceDocument(options) },
    versions: { ...tellTale, apiVersions: ['2018-02-01', '2021-02-01'] },
    attested: { ...tellTale, encoding: 'pkcs7', signature: '' },
    loadbalancer: { ...tellTale, loadbalancer: {} },
    scheduledevents: { ...tellTale, DocumentIncarnation: 1, Events: [] },
    identity: { ...tellTale, credential: `${IMDS_TELL_TALE}${rest}` },
  };
  const body = documents[area.toLowerCase()];
  return body === undefined
    ? { status: 404, body: imdsErrorBody('not_found', 'no such path'), note: 'no such path' }
    : { status: 200, body, note: area.toLowerCase() };
}

const isRepeated = (query: URLSearchParams): boolean => new Set(query.keys()).size !== [...query.keys()].length;

/** Checks that hold for every path, in the order of the real service. */
const CHECKS: readonly (readonly [(exchange: Exchange) => boolean, Reply])[] = [
  [
    ({ headers }) => headers['x-forwarded-for'] !== undefined,
    refuse('invalid_request', 'X-Forwarded-For is not allowed'),
  ],
  [
    ({ headers }) => headers.metadata?.toString().toLowerCase() !== 'true',
    refuse('invalid_request', 'Required metadata header not specified'),
  ],
  [({ url }) => isRepeated(url.searchParams), refuse('invalid_request', 'Duplicate query parameters are not allowed')],
];

const NOT_ALLOWED: Reply = { status: 405, body: imdsErrorBody('method_not_allowed', 'GET only'), note: 'method' };
/** The one path that is posted to. */
const POSTED = /^\/metadata\/identity\/issuecredential\/?$/i;

/** Routes of one machine's metadata service. */
export function imdsRoutes(options: ImdsOptions): (exchange: Exchange) => Operation {
  return (exchange) => {
    const isToken = TOKEN_PATH.test(exchange.path);
    const name = isToken ? 'imds.token' : 'imds.other';
    const refusal = CHECKS.find(([fails]) => fails(exchange))?.[1];
    if (refusal !== undefined) return { name, run: () => refusal };
    if (exchange.method !== 'GET' && !POSTED.test(exchange.path)) return { name, run: () => NOT_ALLOWED };
    if (!isToken) return { name, run: () => documentReply(options, exchange.path) };
    return {
      name,
      admit: () => options.admit() ?? BUSY,
      run: () => tokenReply(options, exchange.url.searchParams),
    };
  };
}
