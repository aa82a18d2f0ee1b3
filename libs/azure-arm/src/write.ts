import type { Clock } from '@aad-pod-identity/runtime';
import type { ComputeManagementClient } from '@azure/arm-compute';
import { heard } from './exchange-policy.ts';
import type { IdentityPatch } from './identity-patch.ts';
import type { ComputeBody } from './resource-identities.ts';
import type { Target } from './target.ts';
import type { ArmTimeouts } from './types.ts';

export interface Write {
  readonly identity: IdentityPatch;
  readonly clock: Clock;
  readonly pollIntervalMs: ArmTimeouts['pollIntervalMs'];
  readonly abortSignal: AbortSignal;
}

function begin(sdk: ComputeManagementClient, target: Target, { identity, abortSignal }: Write) {
  const { resourceGroup, name } = target;
  // The SDK's type knows no null, which is how an identity is taken off; it is sent as it is.
  const body: { readonly identity: Pick<IdentityPatch, 'type'> } = { identity };
  return target.kind === 'vm'
    ? sdk.virtualMachines.update(resourceGroup, name, body, { abortSignal })
    : sdk.virtualMachineScaleSets.update(resourceGroup, name, body, { abortSignal });
}

/** Sends the write and follows it to its end. The SDK would poll at one pace, however long the write has taken. */
export function write(sdk: ComputeManagementClient, target: Target, write: Write): Promise<ComputeBody> {
  const { clock, abortSignal, pollIntervalMs } = write;
  const answer: { retryAfterMs: number | undefined } = { retryAfterMs: undefined };
  return heard.run(answer, async () => {
    const startedAt = clock.monotonic();
    const poller = begin(sdk, target, write);
    await poller.submitted();
    while (!poller.isDone) {
      // `Retry-After: 0` says no more than none: at once would be as fast as the network goes.
      const { retryAfterMs = 0 } = answer;
      await clock.sleep(retryAfterMs > 0 ? retryAfterMs : pollIntervalMs(clock.monotonic() - startedAt), abortSignal);
      await poller.poll({ abortSignal });
    }
    // Whatever ended badly has thrown.
    return poller.result as ComputeBody;
  });
}
