import { abortReason, type Clock, deadlineSignal } from '@aad-pod-identity/runtime';
import type { ComputeManagementClient } from '@azure/arm-compute';
import { createBudget, takeWriteTurn } from './budget.ts';
import { ArmError } from './errors.ts';
import { ExchangeFailure, exchangePolicy } from './exchange-policy.ts';
import { errorFromFailure } from './failure.ts';
import { identityPatch } from './identity-patch.ts';
import { pollIntervalMs } from './poll-interval.ts';
import { type ComputeBody, readIdentities } from './resource-identities.ts';
import { parseIdentityId } from './resource-id.ts';
import { createHttpClient } from './http-client.ts';
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
  type WriteTurn,
} from './types.ts';
import { write } from './write.ts';

export interface ArmClientOptions {
  /** The two fields of a cloud that ARM is found by. */
  readonly cloud: { readonly resourceManagerEndpoint: string; readonly resourceManagerAudience: string };
  readonly tokenSource: TokenSource;
  readonly clock: Clock;
  readonly userAgent?: string;
  /** Only its proxy settings are read. */
  readonly env: NodeJS.ProcessEnv;
  /** Asked in the last moment before a write leaves; by default it may. */
  readonly mayWrite?: () => boolean;
  readonly timeouts?: Partial<ArmTimeouts>;
}

/** Reads take seconds at most; writes to scale sets under load take minutes. */
const DEFAULT_TIMEOUTS: ArmTimeouts = { callMs: 30_000, operationMs: 5 * 60_000, pollIntervalMs };

function read(sdk: ComputeManagementClient, target: Target, abortSignal: AbortSignal): Promise<ComputeBody> {
  const { resourceGroup, name } = target;
  return target.kind === 'vm'
    ? sdk.virtualMachines.get(resourceGroup, name, { abortSignal })
    : sdk.virtualMachineScaleSets.get(resourceGroup, name, { abortSignal });
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
  const budget = createBudget(clock);
  const policy = exchangePolicy({ clock, tokenSource, audience, callMs, budget });
  const httpClient = createHttpClient({ env: options.env, mayWrite: options.mayWrite ?? (() => true) });
  const sdk = createSdk({ endpoint: cloud.resourceManagerEndpoint, userAgent, policy, httpClient });

  async function getIdentities(target: Target, signal?: AbortSignal): Promise<ResourceIdentities> {
    return inOurForm({ clock, ms: operationMs, signal, sent: [] }, async (abortSignal) => {
      return readIdentities(await read(await sdk.compute(target.subscriptionId), target, abortSignal));
    });
  }

  const writeTurn = ({ subscriptionId }: Target, signal?: AbortSignal): Promise<WriteTurn> =>
    takeWriteTurn(budget, subscriptionId, signal);

  async function updateIdentities(target: Target, change: IdentityChange, signal?: AbortSignal) {
    checkChange(change);
    if (change.turn?.spend() !== true) (await writeTurn(target, signal)).spend();
    const identity = identityPatch(change);
    const sent = Object.keys(identity.userAssignedIdentities ?? {});
    return inOurForm({ clock, ms: operationMs, signal, sent }, async (abortSignal) => {
      const compute = await sdk.compute(target.subscriptionId);
      return readIdentities(await write(compute, target, { identity, clock, pollIntervalMs, abortSignal }));
    });
  }

  async function lookupIdentity(resourceId: string, signal?: AbortSignal): Promise<UserAssignedIdentity> {
    const id = parseIdentityId(resourceId);
    if (id === undefined) throw new ArmError('notFound', `not the id of a user-assigned identity: ${resourceId}`);
    return inOurForm({ clock, ms: operationMs, signal, sent: [resourceId] }, async (abortSignal) => {
      const client = await sdk.identities(id.subscriptionId);
      const found = await client.userAssignedIdentities.get(id.resourceGroup, id.name, { abortSignal });
      const { clientId, principalId, tenantId } = found;
      if (clientId && principalId && tenantId) return { clientId, principalId, tenantId };
      throw new ArmError('failed', 'ARM gave an identity without its ids');
    });
  }

  return { writeTurn, getIdentities, updateIdentities, lookupIdentity };
}
