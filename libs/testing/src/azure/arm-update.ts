import type { Clock } from '@aad-pod-identity/runtime';
import type { ArmOperations } from './arm-operations.ts';
import { applyPatch, badIdentity, type IdentityPatch, leavesNone, readPatch } from './arm-patch.ts';
import { armFailure } from './arm-replies.ts';
import { resourceBody } from './arm-resource.ts';
import type { ArmSettings } from './arm-settings.ts';
import type { Reply } from './service.ts';
import type { AzureState, ComputeResource } from './state.ts';

export interface ArmContext {
  readonly state: AzureState;
  readonly clock: Clock;
  readonly settings: ArmSettings;
  readonly operations: ArmOperations;
}

const isReply = (value: IdentityPatch | Reply): value is Reply => 'status' in value;

/** A type without `UserAssigned` removes all of them without naming any. */
function describe({ userAssigned: there }: ComputeResource, { userAssigned, add, remove }: IdentityPatch): string {
  return `assign ${add.length}, remove ${userAssigned ? remove.length : there.size}`;
}

/** Why a write must not begin. */
function refusal({ state, clock, settings }: ArmContext, resource: ComputeResource): Reply | undefined {
  if (resource.denied) {
    const text = `The action is blocked by a deny assignment on '${resource.id}'.`;
    return armFailure(403, 'DenyAssignmentAuthorizationFailed', text);
  }
  if (resource.provisioningState === 'Deleting') {
    return armFailure(409, 'OperationNotAllowed', `'${resource.name}' is marked for deletion.`);
  }
  if (resource.writing === 0) return undefined;
  state.concurrentWrites.push({ at: clock.now(), resource: resource.id });
  if (!settings.refuseConcurrentWrites) return undefined;
  const text = 'The request failed due to conflict with a concurrent request.';
  return armFailure(409, 'ConflictingConcurrentWriteNotAllowed', text);
}

function begin(resource: ComputeResource): void {
  resource.writing += 1;
  resource.provisioningState = 'Updating';
}

function end(resource: ComputeResource): void {
  resource.writing -= 1;
  if (resource.writing === 0 && resource.provisioningState === 'Updating') resource.provisioningState = 'Succeeded';
}

/** Carries a write out at once, and gives its end. */
function finish({ state, settings }: ArmContext, resource: ComputeResource, patch: IdentityPatch): Reply {
  const bad = badIdentity(state, resource, patch);
  if (bad !== undefined) return bad;
  const note = describe(resource, patch);
  applyPatch(state, resource, patch);
  return { status: 200, body: resourceBody(state, resource, settings.idCase), note };
}

/** Starts a write that ends when its time is over, whoever follows it. */
function startLong(context: ArmContext, resource: ComputeResource, patch: IdentityPatch): Reply {
  const { clock, settings, state, operations } = context;
  let result: Reply | undefined;
  begin(resource);
  const done = (): void => {
    result = finish(context, resource, patch);
    end(resource);
    if (result.status === 200) result = { ...result, body: resourceBody(state, resource, settings.idCase) };
  };
  if (settings.updateMs === Infinity) state.endless.push(done);
  else clock.schedule(settings.updateMs, done);
  const { subscriptionId } = resource;
  const operation = { subscriptionId, isDone: () => result !== undefined, result: () => result as Reply };
  const body = resourceBody(state, resource, settings.idCase);
  return operations.accept(operation, body, describe(resource, patch));
}

/** PATCH of a VM or scale set. */
export function updateReply(context: ArmContext, resource: ComputeResource, body: string): Reply {
  const refused = refusal(context, resource);
  if (refused !== undefined) return refused;
  const patch = readPatch(body);
  if (isReply(patch)) return patch;
  if (leavesNone(resource, patch)) {
    return armFailure(400, 'InvalidParameter', "Type 'UserAssigned' needs at least one user-assigned identity.");
  }
  const { failAt, updateMs } = context.settings;
  const bad = failAt === 'call' || updateMs === 0 ? badIdentity(context.state, resource, patch) : undefined;
  if (bad !== undefined) return bad;
  return updateMs === 0 ? finish(context, resource, patch) : startLong(context, resource, patch);
}
