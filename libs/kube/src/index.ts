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
