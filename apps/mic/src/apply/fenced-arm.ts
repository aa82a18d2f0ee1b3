import { type ArmClient, ArmError } from '@aad-pod-identity/azure-arm';

/** The same client, of which no write to a VM or scale set begins while `mayWrite` says no. */
export function fencedArm(arm: ArmClient, mayWrite: () => boolean): ArmClient {
  return {
    ...arm,
    updateIdentities: (target, change, signal) =>
      mayWrite()
        ? arm.updateIdentities(target, change, signal)
        : Promise.reject(new ArmError('unreachable', 'not sent, for another instance may lead by now')),
  };
}
