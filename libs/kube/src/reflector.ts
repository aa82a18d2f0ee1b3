import { abortReason, backoff, type Clock } from '@aad-pod-identity/runtime';
import type { Logger } from '@aad-pod-identity/telemetry';
import type { KubeClient } from './client.ts';
import { isKubeError } from './errors.ts';
import { listPages } from './list-pages.ts';
import type { ObjectMeta, Resource } from './resources.ts';
import { namespacedName, type Store } from './store.ts';
import type { RawObject, WatchEvent } from './watch-event.ts';
import { watchSession } from './watch-session.ts';

/** What a program may count; every call is optional. */
export interface ReflectorMetrics {
  listed?: ((resource: string, objects: number, durationMs: number) => void) | undefined;
  event?: ((resource: string, type: WatchEvent['type']) => void) | undefined;
  /** A list or a watch has failed, with the error's code. */
  failed?: ((resource: string, during: 'list' | 'watch', code: string) => void) | undefined;
}

export interface ReflectorOptions<T> {
  client: KubeClient;
  resource: Resource;
  namespace?: string | undefined;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
  /** Keeps of an object only what is needed; undefined keeps it out of the store. Must not hold on to `raw`. */
  slim: (raw: unknown) => T | undefined;
  store: Store<T>;
  /** The store's key of an object that `slim` keeps out. Default: `namespacedName`. */
  keyOf?: ((metadata: ObjectMeta) => string) | undefined;
  clock: Clock;
  logger: Logger;
  metrics?: ReflectorMetrics | undefined;
  /** Silence that counts as a half-open connection. Default 150 s: bookmarks come about every minute. */
  idleMs?: number | undefined;
  /** A number in [0, 1), for the jitter. */
  random?: (() => number) | undefined;
}

export interface Reflector {
  /** Lists and watches until `signal` aborts; outages are waited out. Only one at a time. */
  run(signal: AbortSignal): Promise<void>;
  /** Whether the store has been filled once; stays true through outages. */
  readonly synced: boolean;
  /** @throws the signal's reason. */
  whenSynced(signal?: AbortSignal): Promise<void>;
  /** `clock.monotonic()` of the last sign of life of the server; -Infinity before the first. */
  lastContact(): number;
}

const IDLE_MS = 150_000;
const GRACE_MS = 30_000;
/** Watches end after five to ten minutes, so that many of them do not all come back at once. */
const MIN_WATCH_SECONDS = 300;
/** A watch that ended sooner than this brought nothing: without a wait, a sick server would be asked in a tight loop. */
const SHORT_WATCH_MS = 1_000;
/** A server that refuses to go on from our version without saying 410 (it lost its history) gets a new list. */
const WATCH_FAILURES_BEFORE_LIST = 5;

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

class ListWatch<T> implements Reflector {
  readonly #options: ReflectorOptions<T>;
  readonly #backoff: (attempt: number) => number;
  readonly #random: () => number;
  readonly #firstSync = Promise.withResolvers<undefined>();
  #running = false;
  #synced = false;
  #contact = -Infinity;
  /** Where the next watch goes on; undefined asks for a list. */
  #version: string | undefined;
  #failures = 0;

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    this.#random = options.random ?? Math.random;
    this.#backoff = backoff({ baseMs: 500, maxMs: 30_000, jitter: 0.5, random: this.#random });
  }

  get synced(): boolean {
    return this.#synced;
  }

  lastContact(): number {
    return this.#contact;
  }

  async whenSynced(signal?: AbortSignal): Promise<void> {
    if (this.#synced) return;
    if (signal === undefined) return this.#firstSync.promise;
    if (signal.aborted) throw abortReason(signal);
    const aborted = Promise.withResolvers<undefined>();
    const onAbort = () => {
      aborted.reject(abortReason(signal));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await Promise.race([this.#firstSync.promise, aborted.promise]);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  async run(signal: AbortSignal): Promise<void> {
    if (this.#running) throw new Error(`the reflector of ${this.#options.resource.plural} is already running`);
    this.#running = true;
    // What happened while nobody watched is unknown, and it may have been long.
    this.#version = undefined;
    this.#failures = 0;
    try {
      while (!signal.aborted) await this.#step(signal);
    } finally {
      this.#running = false;
    }
  }

  async #step(signal: AbortSignal): Promise<void> {
    const during = this.#version === undefined ? 'list' : 'watch';
    try {
      if (this.#version === undefined) await this.#list(signal);
      else await this.#watch(this.#version, signal);
    } catch (error) {
      if (!signal.aborted) await this.#recover(error, during, signal);
    }
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { client, resource, store, clock, metrics, namespace, labelSelector, fieldSelector } = this.#options;
    const startedAt = clock.monotonic();
    const objects: T[] = [];
    const onPage = (items: readonly unknown[]) => {
      this.#touch();
      for (const item of items) {
        const object = this.#slim(item);
        if (object !== undefined) objects.push(object);
      }
    };
    const query = { namespace, labelSelector, fieldSelector };
    const version = await listPages({ client, resource, query, signal, onPage });
    if (signal.aborted) return;
    this.#guarded(() => {
      store.replaceAll(objects);
    });
    this.#version = version;
    metrics?.listed?.(resource.plural, objects.length, clock.monotonic() - startedAt);
    this.#synced = true;
    this.#firstSync.resolve(undefined);
  }

  async #watch(resourceVersion: string, signal: AbortSignal): Promise<void> {
    const { client, resource, clock, namespace, labelSelector, fieldSelector, idleMs = IDLE_MS } = this.#options;
    const timeoutSeconds = Math.round(MIN_WATCH_SECONDS * (1 + this.#random()));
    const query = { namespace, labelSelector, fieldSelector, resourceVersion, timeoutSeconds };
    const startedAt = clock.monotonic();
    let events = 0;
    await watchSession({
      ...{ client, resource, query, clock, signal, idleMs, graceMs: GRACE_MS },
      onContact: () => {
        this.#touch();
      },
      onEvent: (event) => {
        events++;
        this.#failures = 0;
        this.#apply(event);
      },
    });
    if (events === 0 && clock.monotonic() - startedAt < SHORT_WATCH_MS) await this.#wait(0, signal);
    else this.#failures = 0;
  }

  #apply(event: WatchEvent): void {
    const { store, resource, metrics, keyOf = namespacedName } = this.#options;
    // First the version: a listener that throws must not make the event come again.
    this.#version = event.resourceVersion;
    metrics?.event?.(resource.plural, event.type);
    if (event.type === 'bookmark') return;
    const object = event.type === 'changed' ? this.#slim(event.object) : undefined;
    this.#guarded(() => {
      if (object === undefined) store.remove(keyOf(event.object.metadata));
      else store.apply(object);
    });
  }

  #slim(raw: unknown): T | undefined {
    try {
      return this.#options.slim(raw);
    } catch (error) {
      const { name, namespace } = (raw as Partial<RawObject> | null)?.metadata ?? {};
      this.#options.logger.error('object cannot be read, left out', { name, namespace, err: asError(error) });
      return undefined;
    }
  }

  #guarded(change: () => void): void {
    try {
      change();
    } catch (error) {
      const { logger, resource } = this.#options;
      for (const err of error instanceof AggregateError ? error.errors : [error]) {
        logger.error('listener of the store failed', { resource: resource.plural, err: asError(err) });
      }
    }
  }

  #touch(): void {
    this.#contact = this.#options.clock.monotonic();
  }

  /** Decides from an error how to go on: list anew or watch from the same place, and how long to wait first. */
  async #recover(error: unknown, during: 'list' | 'watch', signal: AbortSignal): Promise<void> {
    const { resource, logger, metrics } = this.#options;
    const code = isKubeError(error) ? error.code : 'unexpected';
    metrics?.failed?.(resource.plural, during, code);
    if (code === 'gone' && during === 'watch') {
      logger.info('watch history expired, listing anew', { resource: resource.plural });
      this.#version = undefined;
      if (this.#failures++ === 0) return;
    }
    if (this.#failures >= WATCH_FAILURES_BEFORE_LIST) this.#version = undefined;
    logger.warn('kubernetes list or watch failed', { resource: resource.plural, during, code, err: asError(error) });
    await this.#wait(isKubeError(error) ? (error.retryAfterMs ?? 0) : 0, signal);
  }

  async #wait(atLeastMs: number, signal: AbortSignal): Promise<void> {
    const ms = Math.max(atLeastMs, this.#backoff(this.#failures++));
    await this.#options.clock.sleep(ms, signal).catch(() => undefined);
  }
}

/** Keeps `store` equal to what the server has, from a list and the watch that goes on from it. */
export function createReflector<T>(options: ReflectorOptions<T>): Reflector {
  return new ListWatch(options);
}
