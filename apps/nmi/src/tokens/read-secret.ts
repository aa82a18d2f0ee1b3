import { isKubeError, type KubeClient, secrets } from '@aad-pod-identity/kube';
import { NmiError } from '../errors.ts';
import type { SecretData } from './credential.ts';
import { EXPIRES_ANNOTATION } from './credential-expiry.ts';

const TIMEOUT_MS = 10_000;

/** The values of a Secret. One without a text, such as null, is an empty one. */
function dataOf(secret: unknown): SecretData {
  const data = (secret as { data?: Readonly<Record<string, unknown>> | null }).data ?? {};
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, typeof value === 'string' ? value : '']));
}

/** What NMI reads of a Secret. */
export interface SecretContent {
  readonly data: SecretData;
  /** When what is in it ends, as somebody has annotated; empty where nobody has. */
  readonly expires: string;
}

function expiresOf(secret: unknown): string {
  const { annotations } =
    (secret as { metadata?: { annotations?: Readonly<Record<string, unknown>> | null } }).metadata ?? {};
  const text = annotations?.[EXPIRES_ANNOTATION];
  return typeof text === 'string' ? text : '';
}

/** One GET for each need: nothing of a Secret stays here, and a changed one counts at once. */
export function secretReader(client: KubeClient, onError: () => void) {
  return async (namespace: string, name: string, signal: AbortSignal): Promise<SecretContent> => {
    try {
      const secret = await client.get(secrets, { namespace, name }, { signal, timeoutMs: TIMEOUT_MS });
      return { data: dataOf(secret), expires: expiresOf(secret) };
    } catch (error) {
      if (!signal.aborted) onError();
      if (!isKubeError(error, 'notFound', 'forbidden')) throw error;
      const why = error.code === 'notFound' ? 'does not exist' : 'may not be read by NMI';
      throw new NmiError('identityMisconfigured', `Secret ${namespace}/${name} ${why}`, { cause: error });
    }
  };
}
