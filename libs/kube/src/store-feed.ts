import type { Logger } from '@aad-pod-identity/telemetry';
import { asError } from './abortable.ts';
import type { ObjectMeta } from './resources.ts';
import { namespacedName, type Store } from './store.ts';
import type { RawObject, WatchEvent } from './watch-event.ts';

export interface StoreFeedOptions<T> {
  store: Store<T>;
  /** Keeps of an object only what is needed; undefined keeps it out of the store. Must not hold on to `raw`. */
  slim: (raw: unknown) => T | undefined;
  /** The store's key of an object that `slim` keeps out. Default: `namespacedName`. */
  keyOf?: ((metadata: ObjectMeta) => string) | undefined;
  logger: Logger;
}

/** Puts what the server sends into a store. Neither `slim` nor a listener of the store can make it throw. */
export function storeFeed<T>({ store, slim, keyOf = namespacedName, logger }: StoreFeedOptions<T>) {
  function slimmed(raw: unknown): T | undefined {
    try {
      return slim(raw);
    } catch (error) {
      const { name, namespace } = (raw as Partial<RawObject> | null)?.metadata ?? {};
      logger.error('object cannot be read, left out', { name, namespace, err: asError(error) });
      return undefined;
    }
  }

  function guarded(change: () => void): void {
    try {
      change();
    } catch (error) {
      const errors: unknown[] = error instanceof AggregateError ? error.errors : [error];
      for (const each of errors) logger.error('listener of the store failed', { err: asError(each) });
    }
  }

  return {
    slimAll: (items: readonly unknown[]): T[] => items.map(slimmed).filter((object) => object !== undefined),
    replaceAll(objects: readonly T[]): void {
      guarded(() => {
        store.replaceAll(objects);
      });
    },
    apply(event: WatchEvent): void {
      if (event.type === 'bookmark') return;
      const object = event.type === 'changed' ? slimmed(event.object) : undefined;
      guarded(() => {
        if (object === undefined) store.remove(keyOf(event.object.metadata));
        else store.apply(object);
      });
    },
  };
}
