import { type ArmClient, ArmError, type ResourceIdentities, type Target } from '@aad-pod-identity/azure-arm';
import type { CloudOperation, Meters } from './metrics.ts';

type OfTarget = 'get' | 'update';

/** The same client, measured: how long, how often it failed, whether ARM throttles, and how full VMs and scale sets are. */
export function metered(arm: ArmClient, meters: Meters): ArmClient {
  const measured = async <T>(operation: CloudOperation, run: () => Promise<T>): Promise<T> => {
    try {
      return await meters.cloud(operation, run);
    } catch (error) {
      if (error instanceof ArmError && error.code === 'throttled')
        meters.throttled(operation, error.scope ?? 'resource');
      throw error;
    }
  };
  const ofTarget = async (target: Target, operation: OfTarget, run: () => Promise<ResourceIdentities>) => {
    try {
      const identities = await measured(`${target.kind}_${operation}`, run);
      meters.identities(target, identities.userAssigned.size);
      return identities;
    } catch (error) {
      if (error instanceof ArmError && error.code === 'notFound') meters.gone(target);
      throw error;
    }
  };
  return {
    writeTurn: (target, signal) => arm.writeTurn(target, signal),
    getIdentities: (target, signal) => ofTarget(target, 'get', () => arm.getIdentities(target, signal)),
    updateIdentities: (target, change, signal) =>
      ofTarget(target, 'update', () => arm.updateIdentities(target, change, signal)),
    lookupIdentity: (id, signal) => measured('identity_get', () => arm.lookupIdentity(id, signal)),
  };
}
