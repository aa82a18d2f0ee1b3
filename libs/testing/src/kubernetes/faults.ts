/** What happens to a request instead of, or on top of, its ordinary answer. */
export type FaultAction =
  | { readonly kind: 'status'; readonly status: number; readonly retryAfterSeconds?: number; readonly message?: string }
  /** A TCP reset: at once, or after that many bytes of the body. */
  | { readonly kind: 'reset'; readonly afterBytes?: number }
  /** No answer ever; a watch is accepted and then says nothing. With `afterBytes` the body stops there. */
  | { readonly kind: 'silence'; readonly afterBytes?: number }
  | { readonly kind: 'delay'; readonly ms: number }
  /** A watch that opens and then carries one ERROR event with a Status of this code. */
  | { readonly kind: 'watchError'; readonly status: number }
  /** The connection is closed in order, in the middle of the body. */
  | { readonly kind: 'truncate'; readonly afterBytes: number };

export interface Fault {
  readonly method?: string;
  /** Tested against the path without its query. */
  readonly path?: RegExp;
  /** Only watches (true) or everything but watches (false). */
  readonly watch?: boolean;
  /** How many requests it hits; 1 unless told. */
  readonly times?: number;
  readonly action: FaultAction;
}

interface Incoming {
  readonly method: string;
  readonly path: string;
  readonly watch: boolean;
}

function hits(fault: Fault, request: Incoming): boolean {
  return (
    (fault.method === undefined || fault.method === request.method) &&
    (fault.path === undefined || fault.path.test(request.path)) &&
    (fault.watch === undefined || fault.watch === request.watch)
  );
}

/** Faults in the order they were added; each request takes the first that fits. */
export class Faults {
  #waiting: { readonly fault: Fault; left: number }[] = [];

  add(fault: Fault): void {
    this.#waiting.push({ fault, left: fault.times ?? 1 });
  }

  clear(): void {
    this.#waiting = [];
  }

  /** The action for this request, counted as used. */
  take(request: Incoming): FaultAction | undefined {
    const entry = this.#waiting.find(({ fault }) => hits(fault, request));
    if (entry === undefined) return undefined;
    entry.left -= 1;
    if (entry.left <= 0) this.#waiting = this.#waiting.filter((other) => other !== entry);
    return entry.fault.action;
  }
}
