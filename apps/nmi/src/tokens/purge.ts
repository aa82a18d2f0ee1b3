import type { AzureIdentity } from '@aad-pod-identity/crd-types';
import type { Store } from '@aad-pod-identity/kube';

/** What remembers something of AzureIdentities, by their UID. */
export interface Purgeable {
  readonly forget: (identityUid: string) => void;
  readonly forgetRefusals?: (identityUid: string) => void;
}

/** Nothing outlives its AzureIdentity, and no refusal its change. */
export function purgeWith(identities: Store<AzureIdentity>, memories: readonly Purgeable[]): void {
  identities.subscribe(({ type, object, previous }) => {
    const { uid } = object.metadata;
    const gone = type === 'deleted' ? uid : previous?.metadata.uid;
    for (const memory of memories) {
      if (gone !== undefined && (type === 'deleted' || gone !== uid)) memory.forget(gone);
      memory.forgetRefusals?.(uid);
    }
  });
}
