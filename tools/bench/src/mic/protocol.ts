/** What the MIC bench asks of its Azure, which runs in a process of its own. */
export interface AzureActions {
  /** A new scale set. Gives its id and the providerID of each instance. */
  readonly scaleSet: { readonly name: string; readonly instances: number };
  /** A new identity. Gives its ids. */
  readonly identity: { readonly name: string };
  readonly assign: { readonly machine: string; readonly identity: string };
  readonly break: { readonly identity: string; readonly how: 'missing' | 'forbidden' };
  /** How long a write takes from now on. */
  readonly armMs: { readonly ms: number };
  /** Nothing whose path holds `match` is answered any more. */
  readonly hang: { readonly match: string };
  /** The next write whose path holds `match` gets 429. */
  readonly throttle: { readonly match: string; readonly retryAfter: number };
  /** Ends all faults. */
  readonly reset: Record<string, never>;
  /** Gives what ARM was asked since the last time. */
  readonly counts: Record<string, never>;
}

export type AzureRequest = {
  readonly [Action in keyof AzureActions]: { readonly action: Action } & AzureActions[Action];
}[keyof AzureActions];

/** The first thing that Azure says. */
export interface AzureReady {
  readonly environment: string;
  readonly caPem: string;
  readonly cloudConfig: string;
}

export interface ArmCounts {
  readonly reads: number;
  readonly writes: number;
  readonly polls: number;
}
