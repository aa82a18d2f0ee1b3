import type { Clock } from '@aad-pod-identity/runtime';
import { asNmiError, type NmiError, type NmiErrorCode } from '../errors.ts';
import { keepNewest } from '../keep-newest.ts';

/**
 * How long a failure answers for the next identical request, in milliseconds: long enough that a pod which asks in a
 * loop costs nothing behind NMI, short enough that nobody waits for what was mended elsewhere.
 */
const HELD_MS: Readonly<Partial<Record<NmiErrorCode, number>>> = {
  tokenRefused: 5_000,
  identityMisconfigured: 5_000,
  throttled: 1_000,
  upstreamUnavailable: 1_000,
};

const MAX_HELD = 2_000;

interface Held {
  readonly owner: string;
  readonly error: NmiError;
  readonly until: number;
}

export interface Refusals {
  get(key: string): NmiError | undefined;
  note(key: string, owner: string, error: unknown): void;
  forget(owner: string): void;
}

/** Failures that are answered again without asking. */
export function createRefusals(clock: Clock): Refusals {
  const held = new Map<string, Held>();
  return {
    get: (key) => {
      const found = held.get(key);
      if (found === undefined) return undefined;
      if (clock.monotonic() < found.until) return found.error;
      held.delete(key);
      return undefined;
    },
    note: (key, owner, thrown) => {
      const error = asNmiError(thrown);
      const heldMs = HELD_MS[error.code];
      if (heldMs === undefined) return;
      held.delete(key);
      held.set(key, { owner, error, until: clock.monotonic() + heldMs });
      keepNewest(held, MAX_HELD);
    },
    forget: (owner) => {
      for (const [key, refusal] of held) if (refusal.owner === owner) held.delete(key);
    },
  };
}
