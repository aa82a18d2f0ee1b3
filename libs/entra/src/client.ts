import { createPrivateKey } from 'node:crypto';
import { abortReason, type Clock, deadlineSignal } from '@aad-pod-identity/runtime';
import { applicationConfiguration, type ReadyCredential, tokenEndpoint } from './application.ts';
import { ellipticAssertion, isElliptic } from './elliptic.ts';
import { EntraError } from './errors.ts';
import { type Answer, errorFromAnswer } from './failure.ts';
import { createDispatcher } from './proxy.ts';
import { createTransport, type Transport } from './transport.ts';
import type { EntraClient, EntraToken, EntraTokenRequest } from './types.ts';

export interface EntraClientOptions {
  readonly clock: Clock;
  readonly userAgent?: string;
  /** For one request with its answer, the federated assertion included; default 30 s. */
  readonly timeoutMs?: number;
  /** Only its proxy settings are read. */
  readonly env: NodeJS.ProcessEnv;
}

/** A GUID or a domain name. Nothing else may become part of the URL that a secret is sent to. */
const TENANT = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/i;

function checkRequest({ authority, tenantId, credential }: EntraTokenRequest): void {
  if (!URL.canParse(authority) || new URL(authority).protocol !== 'https:') {
    throw new EntraError('refused', 'the authority must be an https URL');
  }
  if (!TENANT.test(tenantId) || tenantId.includes('..')) {
    throw new EntraError('unknownTenant', 'the tenant must be a GUID or a domain name');
  }
  if (credential.kind === 'secret' && credential.secret === '') {
    throw new EntraError('badCredential', 'the client secret is empty');
  }
  if (credential.kind === 'certificate') checkKey(credential.privateKeyPem);
}

function checkKey(privateKeyPem: string): void {
  let usable: boolean;
  try {
    usable = createPrivateKey(privateKeyPem).asymmetricKeyType === 'rsa' || isElliptic(privateKeyPem);
  } catch {
    throw new EntraError('badCredential', 'the private key cannot be read');
  }
  if (!usable) throw new EntraError('badCredential', 'the certificate must have a key of RSA, P-256, P-384 or P-521');
}

const seconds = (value: unknown): number | undefined => {
  const number = typeof value === 'string' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && number > 0 ? Math.floor(number) : undefined;
};

function tokenFrom({ status, body }: Answer, nowMs: number): EntraToken | undefined {
  const now = Math.floor(nowMs / 1000);
  const [expiresIn, extExpiresIn] = [seconds(body.expires_in), seconds(body.ext_expires_in)];
  const accessToken: unknown = body.access_token;
  if (status !== 200 || typeof accessToken !== 'string' || accessToken === '' || expiresIn === undefined)
    return undefined;
  return {
    accessToken,
    expiresOn: now + expiresIn,
    ...(extExpiresIn === undefined ? {} : { extExpiresOn: now + extExpiresIn }),
  };
}

async function ready({ credential, ...request }: EntraTokenRequest, nowMs: number): Promise<ReadyCredential> {
  if (credential.kind === 'assertion') return { kind: 'assertion', jwt: await credential.assertion() };
  if (credential.kind !== 'certificate' || !isElliptic(credential.privateKeyPem)) return credential;
  const claims = { clientId: request.clientId, tokenEndpoint: tokenEndpoint(request), now: Math.floor(nowMs / 1000) };
  return { kind: 'assertion', jwt: ellipticAssertion(credential, claims) };
}

async function send(request: EntraTokenRequest, credential: ReadyCredential, transport: Transport): Promise<void> {
  // Loaded with the first request: most programs never send one.
  const { ConfidentialClientApplication } = await import('@azure/msal-node');
  const application = new ConfidentialClientApplication(applicationConfiguration(request, credential, transport));
  // The resource is not touched: a trailing slash is part of the audience.
  await application.acquireTokenByClientCredential({ scopes: [`${request.resource}/.default`] });
}

/** Settles with `promise`, or with the signal's reason as soon as it aborts. */
async function withSignal<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => {
    aborted.reject(abortReason(signal));
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** A client of Entra ID for applications. No token is remembered here; caches belong to the caller. */
export function createEntraClient({ clock, env, userAgent, timeoutMs = 30_000 }: EntraClientOptions): EntraClient {
  const dispatcher = createDispatcher(env);

  async function exchange(request: EntraTokenRequest, credential: ReadyCredential, signal: AbortSignal) {
    const transport = createTransport({ dispatcher, clock, userAgent, signal });
    const error = await withSignal(send(request, credential, transport), signal).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    const { answer } = transport;
    if (answer === undefined) throw transport.used ? transportError(error) : requestError(error);
    const token = tokenFrom(answer, clock.now());
    if (token === undefined) throw errorFromAnswer(answer);
    return token;
  }

  async function token(request: EntraTokenRequest, signal?: AbortSignal): Promise<EntraToken> {
    if (signal?.aborted) throw abortReason(signal);
    checkRequest(request);
    const deadline = deadlineSignal(clock, timeoutMs, signal);
    try {
      const credential = await withSignal(ready(request, clock.now()), deadline.signal);
      return await exchange(request, credential, deadline.signal);
    } catch (error) {
      if (signal?.aborted) throw abortReason(signal);
      if (!deadline.signal.aborted) throw error;
      throw new EntraError('timeout', `Entra ID gave no answer within ${timeoutMs} ms`);
    } finally {
      deadline.done();
    }
  }

  return { token, close: () => dispatcher.destroy() };
}

/** MSAL would not even send it. */
function requestError(error: unknown): EntraError {
  const { errorCode } = Object(error) as { errorCode?: unknown };
  const why = typeof errorCode === 'string' && /^[a-z_]+$/.test(errorCode) ? ` (${errorCode})` : '';
  return new EntraError('refused', `the request to Entra ID cannot be made${why}`);
}

/** MSAL wraps what our transport threw, and its texts may hold what was sent: only the system's code is passed on. */
function transportError(error: unknown): EntraError {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    const { code } = cause as { code?: unknown };
    if (typeof code === 'string' && /^[A-Z][A-Z_0-9]+$/.test(code)) {
      return new EntraError('unreachable', `Entra ID cannot be reached (${code})`);
    }
  }
  return new EntraError('unreachable', 'Entra ID cannot be reached');
}
