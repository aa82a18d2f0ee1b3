/** What the bench asks of its simulated cluster and cloud, which run in a process of their own. */
export interface WorldActions {
  /** Milliseconds that IMDS takes from now on. */
  readonly latency: { readonly ms: number };
  /** Gives the count of token calls that IMDS has seen, and how many of them it answered with 429. */
  readonly calls: Record<string, never>;
  /** A new pod whose identity is recorded but not assigned yet. Gives its address. */
  readonly pending: { readonly name: string };
  /** Assigns the identity of such a pod. Gives the wall-clock time of that in milliseconds. */
  readonly assign: { readonly name: string };
}

export type WorldRequest = {
  readonly [Action in keyof WorldActions]: { readonly id: number; readonly action: Action } & WorldActions[Action];
}[keyof WorldActions];

/** The first thing that the world says. */
export interface WorldReady {
  /** URL of the API server. */
  readonly apiServer: string;
  readonly kubernetesCaPem: string;
  readonly environment: string;
  readonly caPem: string;
  readonly imdsPort: number;
  /** Addresses of the pods, all of them bound to an identity that is assigned. */
  readonly addresses: readonly string[];
  /** Address of a pod that is bound to a service principal. */
  readonly principalAddress: string;
}

export interface WorldSettings {
  readonly pods: number;
  readonly identities: number;
  readonly imdsLimits: boolean;
}

export const NODE = 'node-0';
export const RESOURCE = 'https://storage.azure.com/';
export const tokenPath = (resource: string): string =>
  `/metadata/identity/oauth2/token?api-version=2018-02-01&resource=${encodeURIComponent(resource)}`;
