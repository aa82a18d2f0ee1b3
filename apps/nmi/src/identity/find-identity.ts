import { POD_LABEL, validateIdentity } from '@aad-pod-identity/crd-types';
import type { Clock } from '@aad-pod-identity/runtime';
import type { Logger } from '@aad-pod-identity/telemetry';
import { NmiError } from '../errors.ts';
import type { Pod } from '../pod.ts';
import type { Selector } from '../token-request.ts';
import { type Grant, nameOf } from './grant.ts';
import { nextChange, type Subscribe } from './next-change.ts';
import { heavierIsComing, selectIdentity, type Selection } from './select-identity.ts';

/** How long a request waits for what may still come, counted from its start, in milliseconds. */
export interface WaitBudgets {
  /** For the watch to bring objects that exist already. */
  readonly watchMs: number;
  /** For a record of an identity that is bound to the pod. */
  readonly createdMs: number;
  /** More than that, once there is a record, for its assignment. */
  readonly assignedMs: number;
  /** For a heavier identity than the one that could be used at once. */
  readonly heavierMs: number;
}

export interface FoundIdentity {
  /** Usable and fitting, the one to take first; never empty. */
  readonly assigned: readonly [Grant, ...Grant[]];
  /** Fitting but not usable; more than none with a heavier one among them means that the wait for it was given up. */
  readonly pending: readonly Grant[];
}

export interface IdentityFinderOptions {
  readonly grants: (pod: Pod) => readonly Grant[];
  /** Tells from then on what the pod is like; undefined once it is gone. */
  readonly follow: (pod: Pod) => () => Pod | undefined;
  /** Of everything that `grants` and `follow` read. */
  readonly subscribe: Subscribe;
  readonly clock: Clock;
  readonly budgets: WaitBudgets;
  /** Whether an identity that is still pending is answered with 503 instead of 404. */
  readonly pendingIsRetryable: boolean;
}

/** The request that waits. */
export interface Waiting {
  readonly signal: AbortSignal;
  readonly log: Logger;
}

/** @throws NmiError `identityNotFound`, `identityPending`, `identityPendingRetry`; the signal's reason */
export type IdentityFinder = (pod: Pod, selector: Selector, request: Waiting) => Promise<FoundIdentity>;

/** Until when, from the start of the request, it is worth waiting for something better than `selection`. */
function budgetOf(selection: Selection, budgets: WaitBudgets): number {
  if (selection.assigned.length > 0) return heavierIsComing(selection) ? budgets.heavierMs : 0;
  if (selection.pending.length === 0) return budgets.watchMs;
  const recorded = selection.pending.some(({ state }) => state === 'created');
  return budgets.createdMs + (recorded ? budgets.assignedMs : 0);
}

function hasLabel(pod: Pod): boolean {
  return (pod.labels[POD_LABEL] ?? '') !== '';
}

/** Clients look for IMDS's own words; people also need to know which object to mend. */
function notFound({ never: [invalid] }: Selection): NmiError {
  if (invalid === undefined) return new NmiError('identityNotFound');
  const [problem = ''] = validateIdentity(invalid.identity);
  return new NmiError('identityNotFound', `Identity not found: AzureIdentity ${nameOf(invalid.identity)}, ${problem}`);
}

function miss(pod: Pod, selection: Selection, retryable: boolean): NmiError {
  const first = selection.pending[0];
  if (first === undefined) return notFound(selection);
  const state = first.state === 'created' ? 'in state Created' : 'not recorded by MIC';
  const description = `no identity is assigned to pod ${pod.namespace}/${pod.name} yet: ${nameOf(first.identity)} is ${state}`;
  return new NmiError(retryable ? 'identityPendingRetry' : 'identityPending', description);
}

/** Says what a request waits for: to people once for each pod until it is another, for pods ask as often as they like. */
function waitLog(): (pod: Pod, selection: Selection, log: Logger) => void {
  const told = new WeakMap<Pod, string>();
  return (pod, { pending }, log) => {
    const names = pending.map(({ identity, state }) => `${nameOf(identity)} (${state})`).join(', ');
    const fields = { pod: `${pod.namespace}/${pod.name}`, pending: names || 'none' };
    if (told.get(pod) === names) log.debug('waiting for an identity', fields);
    else log.info('waiting for an identity', fields);
    told.set(pod, names);
  };
}

/**
 * Finds what a pod may use, sleeping until the objects say so. What cannot come without somebody changing an object is
 * refused at once, so that clients go on to their next credential.
 */
export function createIdentityFinder(options: IdentityFinderOptions): IdentityFinder {
  const { clock, budgets, subscribe, grants, follow } = options;
  const logWait = waitLog();
  return async (pod, selector, { signal, log }) => {
    const startedAt = clock.monotonic();
    const current = follow(pod);
    for (let looks = 0; ; looks++) {
      const now = current();
      if (now === undefined || !hasLabel(now)) throw new NmiError('identityNotFound');
      const selection = selectIdentity(grants(now), selector);
      const timeoutMs = startedAt + budgetOf(selection, budgets) - clock.monotonic();
      if (timeoutMs <= 0) {
        const [first, ...others] = selection.assigned;
        if (first === undefined) throw miss(now, selection, options.pendingIsRetryable);
        return { assigned: [first, ...others], pending: selection.pending };
      }
      if (looks === 0) logWait(now, selection, log);
      await nextChange(subscribe, { timeoutMs, signal, clock });
    }
  };
}
