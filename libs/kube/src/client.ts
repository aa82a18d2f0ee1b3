import type { FieldTree } from './json-cut.ts';
import type { KubeList, KubeObject, ObjectRef, Resource } from './resources.ts';

export interface CallOptions {
  signal?: AbortSignal | undefined;
  /** Deadline of the whole call with its retries, counted from when the rate limit let it go. Default 30 s. */
  timeoutMs?: number | undefined;
  /** `lease` passes the rate limit at once; only leader election uses it. */
  priority?: 'lease' | 'normal' | undefined;
  /** How often a failed read is tried again (429, 5xx, no connection). Default 2 for get and list; writes never. */
  retries?: number | undefined;
  /** Called when the first byte is about to be sent; what it throws fails the call, and nothing is sent. */
  guard?: (() => void) | undefined;
}

export interface ListQuery {
  namespace?: string | undefined;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
  limit?: number | undefined;
  continue?: string | undefined;
  resourceVersion?: string | undefined;
  /** What is wanted of each item; the rest is passed over unparsed. Not told to the server. Default everything. */
  fields?: FieldTree | undefined;
}

export interface WatchQuery {
  namespace?: string | undefined;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
  resourceVersion: string;
  timeoutSeconds: number;
}

export interface PatchOptions {
  type: 'merge' | 'json' | 'strategic' | 'apply';
  fieldManager?: string | undefined;
  force?: boolean | undefined;
  subresource?: string | undefined;
}

export interface DeleteOptions {
  preconditions?: { uid?: string | undefined; resourceVersion?: string | undefined } | undefined;
  propagationPolicy?: 'Orphan' | 'Background' | 'Foreground' | undefined;
  gracePeriodSeconds?: number | undefined;
}

export interface ServiceAccountToken {
  token: string;
  /** RFC 3339. */
  expirationTimestamp: string;
}

/** The body of an open watch: JSON lines, cut into chunks at any byte. Ends when `signal` aborts. */
export type WatchStream = AsyncIterable<Buffer>;

/**
 * Calls to the Kubernetes API. Every method rejects with a KubeError, or with the signal's reason if that aborted.
 * Objects are handed over as the server sent them: whoever reads them checks them.
 */
export interface KubeClient {
  /** A document that is no object, such as `/version`. */
  document(path: string, options?: CallOptions): Promise<unknown>;
  get<T>(resource: Resource<T>, ref: ObjectRef, options?: CallOptions): Promise<T>;
  list<T>(resource: Resource<T>, query?: ListQuery, options?: CallOptions): Promise<KubeList<T>>;
  create<T>(
    resource: Resource<T>,
    place: { namespace?: string | undefined },
    object: KubeObject,
    options?: CallOptions,
  ): Promise<T>;
  /** PUT; the object's `metadata.resourceVersion` guards against a lost update (`conflict`). */
  replace<T>(
    resource: Resource<T>,
    ref: ObjectRef,
    object: KubeObject,
    options?: CallOptions & { subresource?: string | undefined },
  ): Promise<T>;
  patch<T>(
    resource: Resource<T>,
    ref: ObjectRef,
    body: unknown,
    patch: PatchOptions,
    options?: CallOptions,
  ): Promise<T>;
  delete(resource: Resource, ref: ObjectRef, how?: DeleteOptions, options?: CallOptions): Promise<void>;
  /** TokenRequest; `expirationSeconds` is a wish, the answer tells what it became. */
  serviceAccountToken(
    ref: { namespace: string; name: string },
    audiences: readonly string[],
    expirationSeconds: number,
    options?: CallOptions,
  ): Promise<ServiceAccountToken>;
  /** Resolves once the server has answered with 200. `timeoutMs` bounds only that; the stream lasts as it lasts. */
  watch(resource: Resource, query: WatchQuery, options?: CallOptions): Promise<WatchStream>;
  /** Closes the connections; calls in flight fail as unreachable. */
  close(): Promise<void>;
}
