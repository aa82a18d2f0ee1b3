import { abortReason, type Clock, deadlineSignal } from '@aad-pod-identity/runtime';
import type { ComputeManagementClient } from '@azure/arm-compute';
import { ArmError } from './errors.ts';
import { ExchangeFailure, exchangePolicy } from './exchange-policy.ts';
import { errorFromFailure } from './failure.ts';
import { type IdentityPatch, identityPatch } from './identity-patch.ts';
import { type ComputeBody, readIdentities } from './resource-identities.ts';
import { parseIdentityId } from './resource-id.ts';
import { createSdk } from './sdk.ts';
import type { Target } from './target.ts';
import {
  type ArmClient,
  type ArmTimeouts,
  type IdentityChange,
  MAX_IDS_PER_UPDATE,
  type ResourceIdentities,
  type TokenSource,
  type UserAssignedIdentity,
} from './types.ts';

export interface ArmClientOptions {
  /** The two fields of a cloud that ARM is found by. */
  readonly cloud: { readonly resourceManagerEndpoint: string; readonly resourceManagerAudience: string };
  readonly tokenSource: TokenSource;
  readonly clock: Clock;
  readonly userAgent?: string;
  readonly timeouts?: Partial<ArmTimeouts>;
}

/** Reads take seconds at most; writes to scale sets under load take minutes. */
const DEFAULT_TIMEOUTS: ArmTimeouts = { callMs: 30_000, operationMs: 5 * 60_000, pollIntervalMs: 2000 };

function read(sdk: ComputeManagementClient, target: Target, abortSignal: AbortSignal): Promise<ComputeBody> {
  const { resourceGroup, name } = target;
  return target.kind === 'vm'
    ? sdk.virtualMachines.get(resourceGroup, name, { abortSignal })
    : sdk.virtualMachineScaleSets.get(resourceGroup, name, { abortSignal });
}

interface Write {
  readonly identity: IdentityPatch;
  readonly updateIntervalInMs: number;
  readonly abortSignal: AbortSignal;
}

/** Sends the write and follows it to its end. */
function write(sdk: ComputeManagementClient, target: Target, { identity, ...options }: Write): Promise<ComputeBody> {
  const { resourceGroup, name } = target;
  // The SDK's type knows no null, which is how an identity is taken off; it is sent as it is.
  const body: { readonly identity: Pick<IdentityPatch, 'type'> } = { identity };
  const poller =
    target.kind === 'vm'
      ? sdk.virtualMachines.update(resourceGroup, name, body, options)
      : sdk.virtualMachineScaleSets.update(resourceGroup, name, body, options);
  return poller.pollUntilDone({ abortSignal: options.abortSignal });
}

function checkChange({ add, remove, current }: IdentityChange): void {
  if (/^deleting$/i.test(current.provisioningState ?? '')) {
    throw new ArmError('deleting', 'the resource is being deleted');
  }
  if (add.length + remove.length <= MAX_IDS_PER_UPDATE) return;
  throw new ArmError('failed', `at most ${MAX_IDS_PER_UPDATE} identities may be named in one update`);
}

interface Call {
  readonly clock: Clock;
  readonly ms: number;
  readonly signal: AbortSignal | undefined;
  /** Ids that the call names. */
  readonly sent: readonly string[];
}

/** Runs a call within its deadline and gives its failure in our form. */
async function inOurForm<T>({ clock, ms, signal, sent }: Call, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  if (signal?.aborted) throw abortReason(signal);
  const deadline = deadlineSignal(clock, ms, signal);
  try {
    return await run(deadline.signal);
  } catch (error) {
    if (signal?.aborted) throw abortReason(signal);
    if (error instanceof ExchangeFailure) throw errorFromFailure(error.failure, sent);
    if (!deadline.signal.aborted || error instanceof ArmError) throw error;
    throw new ArmError('timeout', `ARM did not finish within ${ms} ms`, { cause: error });
  } finally {
    deadline.done();
  }
}

/** A client of ARM for the identities of VMs and scale sets. */
export function createArmClient(options: ArmClientOptions): ArmClient {
  const { cloud, clock, tokenSource, userAgent } = options;
  const { callMs, operationMs, pollIntervalMs } = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
  const audience = cloud.resourceManagerAudience;
  const policy = exchangePolicy({ clock, tokenSource, audience, callMs });
  const sdk = createSdk({ endpoint: cloud.resourceManagerEndpoint, userAgent, policy });

  async function getIdentities(target: Target, signal?: AbortSignal): Promise<ResourceIdentities> {
    return inOurForm({ clock, ms: callMs, signal, sent: [] }, async (abortSignal) => {
      return readIdentities(await read(await sdk.compute(target.subscriptionId), target, abortSignal));
    });
  }

  async function updateIdentities(target: Target, change: IdentityChange, signal?: AbortSignal) {
    checkChange(change);
    const identity = identityPatch(change);
    const sent = Object.keys(identity.userAssignedIdentities ?? {});
    return inOurForm({ clock, ms: operationMs, signal, sent }, async (abortSignal) => {
      const compute = await sdk.compute(target.subscriptionId);
      const options = { identity, updateIntervalInMs: pollIntervalMs, abortSignal };
      return readIdentities(await write(compute, target, options));
    });
  }

  async function lookupIdentity(resourceId: string, signal?: AbortSignal): Promise<UserAssignedIdentity> {
    const id = parseIdentityId(resourceId);
    if (id === undefined) throw new ArmError('notFound', `not the id of a user-assigned identity: ${resourceId}`);
    return inOurForm({ clock, ms: callMs, signal, sent: [resourceId] }, async (abortSignal) => {
      const client = await sdk.identities(id.subscriptionId);
      const found = await client.userAssignedIdentities.get(id.resourceGroup, id.name, { abortSignal });
      const { clientId, principalId, tenantId } = found;
      if (clientId && principalId && tenantId) return { clientId, principalId, tenantId };
      throw new ArmError('failed', 'ARM gave an identity without its ids');
    });
  }

  return { getIdentities, updateIdentities, lookupIdentity };
}
