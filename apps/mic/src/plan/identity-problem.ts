import { type AzureIdentity, type AzureIdentityBinding, validateIdentity } from '@aad-pod-identity/crd-types';
import type { Readable } from '../world/views.ts';
import type { Problem } from './notice.ts';

/** What types 1 and 2 lack concerns whoever asks for the token; only type 0 is MIC's own matter. */
export function invalidity(identity: AzureIdentity): string | undefined {
  return identity.spec.type === 0 ? validateIdentity(identity)[0] : undefined;
}

export function notFound({ metadata, spec }: AzureIdentityBinding): Problem {
  const detail = `there is no AzureIdentity ${metadata.namespace}/${spec.azureIdentity}`;
  return { reason: 'IdentityNotFound', detail };
}

export function unreadable(problem: string): Problem {
  return { reason: 'IdentityUnreadable', detail: problem };
}

/** What is wrong with the identity that a binding names, whatever the pod. */
export function identityProblem(
  binding: AzureIdentityBinding,
  identity: Readable<AzureIdentity> | undefined,
): Problem | undefined {
  if (identity === undefined) return notFound(binding);
  if ('problem' in identity) return unreadable(identity.problem);
  const detail = invalidity(identity.value);
  return detail === undefined ? undefined : { reason: 'IdentityInvalid', detail };
}
