import { type AzureIdentity, type AzureIdentityBinding, validateIdentity } from '@aad-pod-identity/crd-types';
import type { Readable } from '../world/views.ts';
import type { Problem } from './notice.ts';

/** Every pass asks it of every pod, and an identity that is read never changes. */
const invalidities = new WeakMap<AzureIdentity, { readonly invalidity: string | undefined }>();

/** What types 1 and 2 lack concerns whoever asks for the token; only type 0 is MIC's own matter. */
export function invalidity(identity: AzureIdentity): string | undefined {
  if (identity.spec.type !== 0) return undefined;
  const known = invalidities.get(identity) ?? { invalidity: validateIdentity(identity)[0] };
  invalidities.set(identity, known);
  return known.invalidity;
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
