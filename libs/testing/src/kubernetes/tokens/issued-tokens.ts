import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
  sign,
  verify,
} from 'node:crypto';

import type { Cluster } from '../cluster.ts';
import { isRecord, type JsonRecord, listAt, recordAt, stringAt } from '../json.ts';
import { apiTime, type KubeObject, objectKey } from '../objects.ts';
import { invalid, invalidValue, notFound, type ResourceName } from '../status-errors.ts';

export const ISSUER = 'https://kubernetes.default.svc.cluster.local';
const DEFAULT_EXPIRATION_SECONDS = 3600;
const LEAST_EXPIRATION_SECONDS = 600;

const PODS: ResourceName = { group: '', plural: 'pods', kind: 'Pod' };
const TOKEN_REQUEST: ResourceName = { group: 'authentication.k8s.io', plural: 'tokenrequests', kind: 'TokenRequest' };

let signingKey: KeyObject | undefined;

/** One key a process: making it takes longer than everything else here. */
function key(): KeyObject {
  signingKey ??= createPrivateKey(
    generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    }).privateKey,
  );
  return signingKey;
}

const publicKey = (): KeyObject => createPublicKey(key());
const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function keyId(): string {
  return createHash('sha256')
    .update(publicKey().export({ type: 'spki', format: 'der' }))
    .digest('base64url');
}

function signed(claims: JsonRecord): string {
  const content = `${encode({ alg: 'RS256', kid: keyId() })}.${encode(claims)}`;
  return `${content}.${sign('RSA-SHA256', Buffer.from(content), key()).toString('base64url')}`;
}

function boundClaims(cluster: Cluster, account: KubeObject, reference: JsonRecord): JsonRecord {
  const name = stringAt(reference, 'name');
  if (name === '') return {};
  const pod = cluster.storage.get('pods', objectKey(account.metadata.namespace, name));
  if (stringAt(reference, 'kind') === 'Pod' && pod === undefined) throw notFound(PODS, name);
  return { [stringAt(reference, 'kind').toLowerCase()]: { name, uid: reference.uid ?? pod?.metadata.uid } };
}

function assertLifetime(seconds: number): void {
  const least = seconds < LEAST_EXPIRATION_SECONDS ? 'less than 10 minutes' : undefined;
  const bound = seconds > 2 ** 32 ? 'larger than 2^32 seconds' : least;
  if (bound === undefined) return;
  const problem = invalidValue('spec.expirationSeconds', seconds, `may not specify a duration ${bound}`);
  throw invalid(TOKEN_REQUEST, '', [problem]);
}

interface IssuedToken {
  readonly token: string;
  readonly audiences: readonly unknown[];
  readonly expirationSeconds: number;
  readonly expirationTimestamp: string;
}

/**
 * A service account token as the TokenRequest API issues it.
 * @throws ApiError 422 for a lifetime under ten minutes
 */
export function issueToken(cluster: Cluster, account: KubeObject, spec: JsonRecord): IssuedToken {
  const asked = spec.expirationSeconds;
  const seconds = typeof asked === 'number' ? asked : DEFAULT_EXPIRATION_SECONDS;
  assertLifetime(seconds);
  const sent = listAt(spec, 'audiences');
  const audiences = sent.length === 0 ? [cluster.options.issuer] : sent;
  const now = Math.floor(cluster.clock.now() / 1000);
  const { name, namespace = '', uid } = account.metadata;
  const token = signed({
    aud: audiences,
    exp: now + seconds,
    iat: now,
    iss: cluster.options.issuer,
    jti: randomUUID(),
    'kubernetes.io': {
      namespace,
      ...boundClaims(cluster, account, recordAt(spec, 'boundObjectRef')),
      serviceaccount: { name, uid },
    },
    nbf: now,
    sub: `system:serviceaccount:${namespace}:${name}`,
  });
  return { token, audiences, expirationSeconds: seconds, expirationTimestamp: apiTime((now + seconds) * 1000) };
}

/** The claims of a token that was signed here; `undefined` for any other. */
function claimsOf(token: string): JsonRecord | undefined {
  const [head = '', body = '', signature = ''] = token.split('.');
  const content = Buffer.from(`${head}.${body}`);
  if (!verify('RSA-SHA256', content, publicKey(), Buffer.from(signature, 'base64url'))) return undefined;
  const claims: unknown = JSON.parse(Buffer.from(body, 'base64url').toString('utf8'));
  return isRecord(claims) ? claims : undefined;
}

function refusal(cluster: Cluster, claims: JsonRecord | undefined, audiences: readonly unknown[]): string | undefined {
  if (claims === undefined) return 'invalid bearer token';
  const now = cluster.clock.now() / 1000;
  if (typeof claims.exp === 'number' && claims.exp < now)
    return '[invalid bearer token, service account token has expired]';
  if (!audiences.some((audience) => listAt(claims, 'aud').includes(audience))) {
    return `[invalid bearer token, token audiences ${JSON.stringify(claims.aud)} is invalid for the target audiences ${JSON.stringify(audiences)}]`;
  }
  const account = recordAt(claims, 'kubernetes.io', 'serviceaccount');
  const path = objectKey(stringAt(claims, 'kubernetes.io', 'namespace'), stringAt(account, 'name'));
  const current = cluster.storage.get('serviceaccounts', path);
  return current?.metadata.uid === account.uid
    ? undefined
    : '[invalid bearer token, service account token has been invalidated]';
}

/** The status of a TokenReview. */
export function reviewToken(cluster: Cluster, spec: JsonRecord): JsonRecord {
  const claims = claimsOf(stringAt(spec, 'token'));
  const sent = listAt(spec, 'audiences');
  const audiences = sent.length === 0 ? [cluster.options.issuer] : sent;
  const error = refusal(cluster, claims, audiences);
  if (error !== undefined || claims === undefined) return { user: {}, error };
  const namespace = stringAt(claims, 'kubernetes.io', 'namespace');
  return {
    authenticated: true,
    user: {
      username: claims.sub,
      uid: recordAt(claims, 'kubernetes.io', 'serviceaccount').uid,
      groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
    },
    audiences: audiences.filter((audience) => listAt(claims, 'aud').includes(audience)),
  };
}
