import type { KubeObject } from '../resources.ts';

/** Who leads, as the lock's object says. */
export interface LockRecord {
  /** Empty: nobody; the last leader has released it. */
  readonly holder: string;
  readonly durationMs: number;
  /** RFC 3339 with microseconds. */
  readonly acquireTime: string;
  readonly renewTime: string;
  readonly transitions: number;
}

/** A record as it was read, and what a write needs to be refused if somebody else wrote meanwhile. */
export interface ReadLock {
  readonly record: LockRecord;
  readonly resourceVersion: string;
  /** The whole object, where a write has to keep what else is in it. */
  readonly object?: KubeObject;
}

/** An object of the API that at most one instance holds. Every method may reject with a KubeError. */
export interface Lock {
  readonly name: string;
  /** Undefined when there is no such object yet. */
  read(options: LockCall): Promise<ReadLock | undefined>;
  /** Creates the object. @throws KubeError `alreadyExists` when somebody was faster */
  create(record: LockRecord, options: LockCall): Promise<void>;
  /** @throws KubeError `conflict` when somebody wrote since `previous` was read */
  update(record: LockRecord, previous: ReadLock, options: LockCall): Promise<void>;
}

export interface LockCall {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs: number;
}
