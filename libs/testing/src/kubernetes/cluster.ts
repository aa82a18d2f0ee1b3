import type { Clock } from '@aad-pod-identity/runtime';

import { Registry } from './registry.ts';
import { Storage } from './storage.ts';

export interface ClusterOptions {
  /** Pods get a deletionTimestamp first and go when somebody deletes them with gracePeriodSeconds=0. */
  readonly gracefulPods: boolean;
  /** Text of a pod's log; `undefined` when there is none. */
  readonly logs: (namespace: string, name: string) => string | undefined;
  readonly bookmarkIntervalMs: number;
  /** `iss` of the tokens of service accounts. */
  readonly issuer: string;
}

/** Everything the API knows: what is stored, what is served, and how it was told to behave. */
export interface Cluster {
  readonly storage: Storage;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly options: ClusterOptions;
}

export function createCluster(clock: Clock, options: ClusterOptions): Cluster {
  return { storage: new Storage(), registry: new Registry(), clock, options };
}
