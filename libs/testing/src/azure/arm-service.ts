import { ArmLimiter } from './arm-limits.ts';
import { armFailure } from './arm-replies.ts';
import { resourceBody } from './arm-resource.ts';
import { type ArmContext, updateReply } from './arm-update.ts';
import type { OperationName } from './faults.ts';
import { sameKey } from './ids.ts';
import type { Exchange, Operation, Reply } from './service.ts';
import type { TokenClaims, TokenIssuer } from './tokens.ts';

export interface ArmOptions extends ArmContext {
  readonly issuer: TokenIssuer;
  /** Audiences that tokens for ARM may have. */
  readonly audiences: () => readonly string[];
}

const unauthorized = (message: string): Reply => ({
  ...armFailure(401, 'InvalidAuthenticationToken', message),
  headers: { 'www-authenticate': 'Bearer authorization_uri="https://login.microsoftonline.com/"' },
});

async function verified(options: ArmOptions, token: string): Promise<TokenClaims | Reply> {
  try {
    return await options.issuer.verify(token);
  } catch {
    return unauthorized('The access token is invalid.');
  }
}

/** Why the caller is turned away; undefined if its token is good. */
async function authFailure(options: ArmOptions, { headers }: Exchange): Promise<Reply | undefined> {
  const [, token] = /^Bearer (.+)$/.exec(headers.authorization ?? '') ?? [];
  if (token === undefined) return unauthorized("The 'Authorization' header is missing.");
  const claims = await verified(options, token);
  if (!('appid' in claims)) return claims;
  if (!options.audiences().includes(claims.aud)) return unauthorized('The access token has another audience.');
  if (options.state.knowsClient(claims.appid)) return undefined;
  return armFailure(403, 'AuthorizationFailed', 'The client does not have authorization to perform the action.');
}

function lookup({ state }: ArmOptions, id: string): Reply {
  const identity = state.identities.get(sameKey(id));
  if (identity === undefined || identity.breakage === 'missing') {
    return armFailure(404, 'ResourceNotFound', `The Resource '${id}' was not found.`);
  }
  const { clientId, principalId, tenantId } = identity;
  const type = 'Microsoft.ManagedIdentity/userAssignedIdentities';
  const body = { id: identity.id, name: id.split('/').at(-1), type, location: 'simulated' };
  return { status: 200, body: { ...body, properties: { clientId, principalId, tenantId } } };
}

function compute(options: ArmOptions, { method, path, body }: Exchange): Reply {
  const { state, settings } = options;
  const resource = state.resources.get(sameKey(path));
  if (resource === undefined) return armFailure(404, 'ResourceNotFound', `The Resource '${path}' was not found.`);
  if (method === 'PATCH') return updateReply(options, resource, body);
  return { status: 200, body: resourceBody(state, resource, settings.idCase) };
}

const BASE = '^/subscriptions/[^/]+/';
const COMPUTE = new RegExp(
  `${BASE}resourcegroups/[^/]+/providers/microsoft\\.compute/(virtualmachines|virtualmachinescalesets)/[^/]+$`,
  'i',
);
const IDENTITY = new RegExp(
  `${BASE}resourcegroups/[^/]+/providers/microsoft\\.managedidentity/userassignedidentities/[^/]+$`,
  'i',
);
const POLL = /\/providers\/microsoft\.compute\/locations\/[^/]+\/(operations|operationresults)\/([^/]+)$/i;

type Route = readonly [
  name: OperationName,
  method: string,
  path: RegExp,
  reply: (options: ArmOptions, exchange: Exchange) => Reply,
];

const ROUTES: readonly Route[] = [
  ['arm.get', 'GET', COMPUTE, compute],
  ['arm.update', 'PATCH', COMPUTE, compute],
  ['arm.lookup', 'GET', IDENTITY, (options, { path }) => lookup(options, path)],
  [
    'arm.poll',
    'GET',
    POLL,
    ({ operations }, { path }) => {
      const [, kind = '', id = ''] = POLL.exec(path) ?? [];
      return operations.poll(kind, id);
    },
  ],
];

/** Routes of ARM. */
export function armRoutes(options: ArmOptions): (exchange: Exchange) => Operation {
  const { clock, settings } = options;
  const limiter = new ArmLimiter(clock, () => settings.limits);
  return (exchange) => {
    const path = decodeURIComponent(exchange.path);
    const route = ROUTES.find(([, method, pattern]) => method === exchange.method && pattern.test(path));
    const answer = async (): Promise<Reply> => {
      if (!exchange.url.searchParams.has('api-version')) {
        return armFailure(400, 'MissingApiVersionParameter', 'The api-version query parameter is required.');
      }
      const failure = await authFailure(options, exchange);
      if (failure !== undefined) return failure;
      if (route === undefined) return armFailure(404, 'InvalidResourceType', 'There is nothing at this path.');
      return route[3](options, { ...exchange, path });
    };
    const reply = async (): Promise<Reply> => {
      const limited = await limiter.limited(exchange.method, path, answer);
      return { ...limited, headers: { ...limited.headers, ...settings.headers } };
    };
    return { name: route?.[0] ?? 'arm.other', run: reply };
  };
}
