import { type Condition, validateIdentity } from '@aad-pod-identity/crd-types';
import { fitted } from '@aad-pod-identity/runtime';
import type { Cause } from '../world/identity-tally.ts';
import type { IdentityView } from '../world/views.ts';
import type { Problem } from './notice.ts';
import { type Reason, REASONS } from './reasons.ts';
import type { Fault } from './target-plan.ts';

/** What can be said of an identity besides the reasons for which pods do not get it, and ARM's own codes. */
export type IdentityReason = Reason | 'Assigned' | 'ClientIDMismatch' | 'Assigning' | 'NotBound' | 'NoPods';

/** The condition Ready, without its times. */
export interface Judgement {
  readonly status: 'True' | 'False' | 'Unknown';
  /** An `IdentityReason`, or ARM's code. */
  readonly reason: string;
  readonly message: string;
}

export interface IdentityScene {
  readonly identity: IdentityView;
  /** What the records of this identity, as it is now, say; each once. */
  readonly causes: readonly Cause[];
  /** Why pods do not get it. */
  readonly problems: readonly Problem[];
  /** How many bindings name it. */
  readonly bindings: number;
  /** Azure was asked, and says that there is no such identity. */
  readonly gone: Fault | undefined;
  /** What its condition says, if that is about what it is now. */
  readonly before: Condition | undefined;
}

/** `kept` is an outcome that stands until there is another; `idle` is said while nothing happens at all. */
export interface Judged extends Judgement {
  readonly kind: 'outcome' | 'kept' | 'pending' | 'idle';
}

/** Enough for what ARM says, in a column of a terminal that is not to be flooded. */
const MAX_BYTES = 512;

/** Whether it tells how an assignment went, and not why there was none. */
function isOutcome(condition: Condition | undefined): condition is Condition {
  if (condition === undefined || Object.hasOwn(REASONS, condition.reason)) return false;
  return condition.status === 'True' || condition.status === 'False';
}

const failed = (reason: IdentityReason, message: string): Judged => ({
  kind: 'outcome',
  status: 'False',
  reason,
  message,
});
const unknown = (kind: 'pending' | 'idle', reason: IdentityReason, message: string): Judged => ({
  kind,
  status: 'Unknown',
  reason,
  message,
});

/** Of several the one that was told already, so that nothing changes while it is still true. */
function choose(causes: readonly Cause[], before: Condition | undefined): Cause | undefined {
  const told = causes.find(({ reason, message }) => reason === before?.reason && short(message) === before.message);
  return told ?? causes[0];
}

const short = (message: string): string => fitted(message, MAX_BYTES);

type Rule = (scene: IdentityScene) => Judged | undefined;

const unreadable: Rule = ({ identity }) =>
  'problem' in identity ? failed('IdentityUnreadable', identity.problem) : undefined;

const invalid: Rule = ({ identity }) => {
  const problems = 'value' in identity ? validateIdentity(identity.value) : [];
  return problems.length === 0 ? undefined : failed('IdentityInvalid', problems.join('; '));
};

const gone: Rule = ({ gone: fault }) => fault && { kind: 'outcome', status: 'False', ...fault };

const fails: Rule = ({ causes, before }) => {
  const failures = causes.filter(({ outcome }) => outcome === 'fails');
  const cause = choose(failures, before);
  return cause && { kind: 'outcome', status: 'False', reason: cause.reason, message: cause.message };
};

const works: Rule = ({ causes, before }) => {
  const all = causes.filter(({ outcome }) => outcome === 'works');
  const remarks = all.filter(({ reason }) => reason !== 'Assigned');
  const cause = choose(remarks, before) ?? all[0];
  if (cause === undefined) return undefined;
  const message = cause.reason === 'Assigned' ? 'pods can use the identity' : cause.message;
  return { kind: 'outcome', status: 'True', reason: cause.reason, message };
};

/** Each new pod and each job begins with it: what is known of the identity stays known meanwhile. */
const pending: Rule = ({ causes, before }) => {
  if (causes.length === 0) return undefined;
  if (!isOutcome(before)) {
    return unknown('pending', 'Assigning', 'the identity is being assigned for the first time');
  }
  const { reason, message } = before;
  return { kind: 'kept', status: before.status === 'True' ? 'True' : 'False', reason, message };
};

const unbound: Rule = ({ bindings }) =>
  bindings === 0 ? unknown('pending', 'NotBound', 'no AzureIdentityBinding names this identity') : undefined;

const withheld: Rule = ({ problems, before }) => {
  const causes = problems.map(({ reason, detail }) => ({ outcome: 'fails', reason, message: detail }) as const);
  causes.sort((a, b) => (a.reason + a.message < b.reason + b.message ? -1 : 1));
  const cause = choose(causes, before);
  return cause && { kind: 'idle', status: 'False', reason: cause.reason, message: cause.message };
};

const UNUSED = unknown('idle', 'NoPods', 'no pod that a binding gives this identity runs');

/** In this order; the first that has something to say decides. */
const RULES: readonly Rule[] = [unreadable, invalid, gone, fails, works, pending, unbound, withheld];

/** How an identity is. */
export function judgeIdentity(scene: IdentityScene): Judged {
  for (const rule of RULES) {
    const judged = rule(scene);
    if (judged !== undefined) return { ...judged, message: short(judged.message) };
  }
  return UNUSED;
}

/**
 * For how long an outcome stands after the last pod has gone: the conditions of identities that jobs use now and then
 * would go back and forth.
 */
export const OUTCOME_STANDS_MS = 10 * 60_000;

/** How much longer the outcome before stands, in milliseconds, of an identity that has been idle for `idleMs`. */
export function standsFor({ kind }: Judged, before: Condition | undefined, idleMs: number): number {
  if (kind !== 'idle' || !isOutcome(before)) return 0;
  return Math.max(0, OUTCOME_STANDS_MS - idleMs);
}

/** Whether it says something else, or says it of something else. */
export function isOther({ status, reason, message }: Judgement, generation: number, before: Condition | undefined) {
  if (before?.status !== status || before.reason !== reason || before.message !== message) return true;
  return (before.observedGeneration ?? 0) !== generation;
}
