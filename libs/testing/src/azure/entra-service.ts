import type { Clock } from '@aad-pod-identity/runtime';
import { credentialFailure } from './entra-credentials.ts';
import { type AadstsCode, entraErrorBody, entraFailure } from './entra-errors.ts';
import type { Exchange, Operation, Reply } from './service.ts';
import type { App, AzureState } from './state.ts';
import type { TokenIssuer } from './tokens.ts';

export interface EntraOptions {
  readonly state: AzureState;
  readonly issuer: TokenIssuer;
  readonly clock: Clock;
  readonly baseUrl: () => string;
  readonly lifetimeSeconds: () => number;
}

const SCOPE_SUFFIX = '/.default';

/** The audience is everything before the last slash, so that a trailing slash of the resource stays. */
function audienceOf(scope: string): string | undefined {
  return scope.endsWith(SCOPE_SUFFIX) && !scope.includes(' ') ? scope.slice(0, -SCOPE_SUFFIX.length) : undefined;
}

interface Grant {
  readonly app: App;
  readonly audience: string;
}

/** Checks a request in the order of the real service: whom, with what proof, what for. */
async function grant(options: EntraOptions, tenant: string, form: URLSearchParams): Promise<Grant | AadstsCode> {
  const { state, clock } = options;
  if (form.get('grant_type') !== 'client_credentials') return 70003;
  if (!state.knowsTenant(tenant)) return 90002;
  const app = state.app(tenant, form.get('client_id') ?? '');
  if (app === undefined) return 700016;
  const tokenEndpoint = `${options.baseUrl()}/${tenant}/oauth2/v2.0/token`;
  const failure = await credentialFailure(app, form, { clock, tokenEndpoint });
  if (failure !== undefined) return failure;
  const audience = audienceOf(form.get('scope') ?? '');
  if (audience === undefined) return 70011;
  return state.knowsAudience(audience) ? { app, audience } : 500011;
}

async function tokenReply(options: EntraOptions, tenant: string, body: string): Promise<Reply> {
  const granted = await grant(options, tenant, new URLSearchParams(body));
  if (typeof granted === 'number') return entraFailure(options.clock, granted);
  const lifetimeSeconds = options.lifetimeSeconds();
  const { token } = await options.issuer.issue({ ...granted.app, audience: granted.audience, lifetimeSeconds });
  return {
    status: 200,
    body: {
      token_type: 'Bearer',
      expires_in: lifetimeSeconds,
      ext_expires_in: lifetimeSeconds,
      access_token: token,
    },
    note: `token of an app for ${granted.audience}`,
  };
}

function openIdConfiguration(baseUrl: string, tenant: string): object {
  const tenantUrl = `${baseUrl}/${tenant}`;
  return {
    issuer: `${tenantUrl}/v2.0`,
    token_endpoint: `${tenantUrl}/oauth2/v2.0/token`,
    authorization_endpoint: `${tenantUrl}/oauth2/v2.0/authorize`,
    end_session_endpoint: `${tenantUrl}/oauth2/v2.0/logout`,
    jwks_uri: `${tenantUrl}/discovery/v2.0/keys`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt'],
    id_token_signing_alg_values_supported: ['RS256'],
    response_types_supported: ['code', 'token'],
    subject_types_supported: ['pairwise'],
  };
}

/** Names this server as one cloud of its own. */
function instanceDiscovery(baseUrl: string, tenant: string): object {
  const { host } = new URL(baseUrl);
  return {
    tenant_discovery_endpoint: `${baseUrl}/${tenant}/v2.0/.well-known/openid-configuration`,
    'api-version': '1.1',
    metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
  };
}

type Route = readonly [method: string, path: RegExp, reply: (tenant: string) => Reply | Promise<Reply>];

/** Routes of Entra ID. */
export function entraRoutes(options: EntraOptions): (exchange: Exchange) => Operation {
  const { state, clock, issuer } = options;
  return ({ method, path, body }) => {
    const baseUrl = options.baseUrl();
    const routes: readonly Route[] = [
      [
        'GET',
        /^\/common\/discovery\/instance$/,
        () => ({ status: 200, body: instanceDiscovery(baseUrl, state.tenantId) }),
      ],
      [
        'GET',
        /^\/([^/]+)\/v2\.0\/\.well-known\/openid-configuration$/,
        (tenant) =>
          state.knowsTenant(tenant)
            ? { status: 200, body: openIdConfiguration(baseUrl, tenant) }
            : entraFailure(clock, 90002),
      ],
      ['GET', /^\/[^/]+\/discovery\/v2\.0\/keys$/, async () => ({ status: 200, body: await issuer.keys() })],
    ];
    const token = /^\/([^/]+)\/oauth2\/v2\.0\/token$/.exec(path);
    if (method === 'POST' && token !== null) {
      return { name: 'entra.token', run: () => tokenReply(options, token[1] ?? '', body) };
    }
    const found = routes.find(([verb, pattern]) => verb === method && pattern.test(path));
    const missing: Reply = { status: 404, body: entraErrorBody(clock, 'not_found', 'no such path') };
    return {
      name: 'entra.other',
      run: () => (found === undefined ? missing : found[2](found[1].exec(path)?.[1] ?? '')),
    };
  };
}
