export * from './resources.ts';
export { KubeError, isKubeError, type KubeErrorCode, type KubeErrorDetails } from './errors.ts';
export type {
  CallOptions,
  DeleteOptions,
  KubeClient,
  ListQuery,
  PatchOptions,
  ServiceAccountToken,
  WatchQuery,
  WatchStream,
} from './client.ts';
export { connect, type ConnectOptions, DEFAULT_BURST, DEFAULT_QPS } from './connect.ts';
export { listAll, type ListAllOptions } from './list-all.ts';
export { createRateLimiter, type RateLimiter, type RateLimitOptions } from './rate-limit.ts';
export {
  namespacedName,
  Store,
  type StoreChange,
  type StoreListener,
  type StoreOptions,
  type StoreWaitOptions,
} from './store.ts';
export { waitUntil, type WaitOptions } from './wait-list.ts';
export type { FieldTree } from './json-cut.ts';
export {
  createReflector,
  type Reflector,
  type ReflectorMetrics,
  type ReflectorOptions,
  type Standing,
} from './reflector.ts';
export { createKeyedQueue, type KeyedQueue, type KeyedQueueOptions } from './keyed-queue.ts';
export { fenced } from './fenced.ts';
export { LOCK_ANNOTATION } from './leader/endpoints-lock.ts';
export { createLeaderElector, type LeaderElector, type LeaderElectorOptions } from './leader/leader-election.ts';
export {
  createEventRecorder,
  type EventInput,
  type EventRecorder,
  type EventRecorderOptions,
  type Regarding,
} from './event-recorder.ts';
