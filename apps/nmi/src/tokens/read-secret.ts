import { isKubeError, type KubeClient, secrets } from '@aad-pod-identity/kube';
import { NmiError } from '../errors.ts';
import type { SecretData } from './credential.ts';

const TIMEOUT_MS = 10_000;

/** One GET for each need: nothing of a Secret stays here, and a changed one counts at once. */
export function secretReader(client: KubeClient, onError: () => void) {
  return async (namespace: string, name: string, signal: AbortSignal): Promise<SecretData> => {
    try {
      const found = await client.get(secrets, { namespace, name }, { signal, timeoutMs: TIMEOUT_MS });
      return ((found as { data?: SecretData | null }).data ?? {}) satisfies SecretData;
    } catch (error) {
      if (!signal.aborted) onError();
      if (!isKubeError(error, 'notFound', 'forbidden')) throw error;
      const why = error.code === 'notFound' ? 'does not exist' : 'may not be read by NMI';
      throw new NmiError('identityMisconfigured', `Secret ${namespace}/${name} ${why}`, { cause: error });
    }
  };
}
