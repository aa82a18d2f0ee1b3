import { backoff, type Clock } from '@aad-pod-identity/runtime';
import { asNmiError, mayPass, NmiError } from '../errors.ts';
import { keepNewest } from '../keep-newest.ts';
import type { TokenSource } from './token-source.ts';

export interface CircuitOptions<R> {
  /** Whom a request goes to: what fails together. */
  readonly targetOf: (request: R) => string;
  readonly clock: Clock;
  readonly random?: () => number;
  /** Called with the target when it opens, and when it answers again. */
  readonly onChange?: (target: string, open: boolean) => void;
}

/** Refused here without asking, because the one to ask gave no answer to those before. */
export class CircuitOpenError extends NmiError {}

interface Target {
  failures: number;
  /** Why it is open. */
  code: 'throttled' | 'upstreamUnavailable';
  /** Monotonic; a call before that is not made. 0 = closed. */
  openUntil: number;
  probing: boolean;
}

/** Failures in a row, of any requests to one target, after which it counts as dead. */
const THRESHOLD = 5;
const MAX_TARGETS = 1_000;

/**
 * Callers are told to come back after as much: azidentity gives up at once where that is more than 25 s, and the other
 * clients wait for all of it although the target may be back.
 */
const LONGEST_MS = 10_000;

/** A target that throttles asks for a pause; this is it where it names none. */
const THROTTLED_MS = 1_000;

/** A pause that is longer was not meant: a date by a clock that is wrong, or a number in other units than seconds. */
const LONGEST_THROTTLED_MS = 300_000;

const CLOSED = { failures: 0, code: 'upstreamUnavailable', openUntil: 0, probing: false } as const;

/** What is known of each target. */
class Circuits {
  readonly #targets = new Map<string, Target>();
  readonly #clock: Clock;
  readonly #delay: (attempt: number) => number;
  readonly #onChange: (target: string, open: boolean) => void;

  constructor({ clock, random, onChange = () => undefined }: Omit<CircuitOptions<never>, 'targetOf'>) {
    this.#clock = clock;
    this.#delay = backoff({ baseMs: 1_000, maxMs: LONGEST_MS, ...(random ? { random } : {}) });
    this.#onChange = onChange;
  }

  /** @throws CircuitOpenError if it shall not be asked now */
  enter(name: string): Target {
    const target = this.#named(name);
    if (target.openUntil === 0) return target;
    const leftMs = target.openUntil - this.#clock.monotonic();
    if (leftMs > 0 || target.probing)
      throw new CircuitOpenError(target.code, undefined, { retryAfterMs: Math.max(1_000, leftMs) });
    target.probing = true;
    return target;
  }

  answered(name: string, target: Target): void {
    if (target.openUntil !== 0) this.#onChange(name, false);
    Object.assign(target, CLOSED);
  }

  failed(name: string, target: Target, { code, retryAfterMs }: NmiError): void {
    target.probing = false;
    target.failures++;
    const throttled = code === 'throttled';
    if (!throttled && target.failures < THRESHOLD && target.openUntil === 0) return;
    if (target.openUntil === 0) this.#onChange(name, true);
    target.code = throttled ? 'throttled' : 'upstreamUnavailable';
    const waitMs = throttled
      ? Math.min(retryAfterMs ?? THROTTLED_MS, LONGEST_THROTTLED_MS)
      : this.#delay(Math.max(0, target.failures - THRESHOLD));
    target.openUntil = Math.max(target.openUntil, this.#clock.monotonic() + waitMs);
  }

  /** The target that was asked last is kept longest. */
  #named(name: string): Target {
    const target: Target = this.#targets.get(name) ?? { ...CLOSED };
    this.#targets.delete(name);
    this.#targets.set(name, target);
    keepNewest(this.#targets, MAX_TARGETS);
    return target;
  }
}

/**
 * Stops asking a target that is dead or throttles: one call at a time finds out whether it is back. Every answer, be it
 * a refusal, shows that it lives.
 */
export function behindCircuit<R>(source: TokenSource<R>, options: CircuitOptions<R>): TokenSource<R> {
  const circuits = new Circuits(options);
  return async (request, signal) => {
    const name = options.targetOf(request);
    const target = circuits.enter(name);
    try {
      const token = await source(request, signal);
      circuits.answered(name, target);
      return token;
    } catch (thrown) {
      const error = asNmiError(thrown);
      if (mayPass(error)) circuits.failed(name, target, error);
      else if (signal.aborted) target.probing = false;
      else circuits.answered(name, target);
      throw thrown;
    }
  };
}
