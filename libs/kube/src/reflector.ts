import type { Clock } from '@aad-pod-identity/runtime';
import { abortable, asError } from './abortable.ts';
import type { KubeClient } from './client.ts';
import { isKubeError, KubeError } from './errors.ts';
import type { FieldTree } from './json-cut.ts';
import { listPages } from './list-pages.ts';
import { createRecovery, type Phase } from './recovery.ts';
import type { Resource } from './resources.ts';
import { storeFeed, type StoreFeedOptions } from './store-feed.ts';
import type { WatchEvent } from './watch-event.ts';
import { eventCutter, wantedOfObject } from './wanted-fields.ts';
import { watchSession } from './watch-session.ts';

/** What a program may count; every call is optional. */
export interface ReflectorMetrics {
  listed?: ((resource: string, objects: number, durationMs: number) => void) | undefined;
  event?: ((resource: string, type: WatchEvent['type']) => void) | undefined;
  /** A list or a watch has failed, with the error's code. */
  failed?: ((resource: string, during: Phase, code: string) => void) | undefined;
}

export interface ReflectorOptions<T> extends StoreFeedOptions<T> {
  client: KubeClient;
  resource: Resource;
  namespace?: string | undefined;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
  /**
   * What `slim` reads, besides `metadata`'s name, namespace and resourceVersion. The rest is never parsed, which saves
   * most of the work with large objects. Default everything.
   */
  fields?: FieldTree | undefined;
  clock: Clock;
  metrics?: ReflectorMetrics | undefined;
  /** Silence that counts as a half-open connection. Default 150 s: bookmarks come about every minute. */
  idleMs?: number | undefined;
  /** Numbers in [0, 1), for the jitter. */
  random?: (() => number) | undefined;
}

export interface Reflector {
  /**
   * Lists and watches until `signal` aborts; outages are waited out. One at a time: a second one waits while the first
   * is on its way out, and is refused while the first goes on.
   */
  run(signal: AbortSignal): Promise<void>;
  /** Whether the store has been filled once; stays true through outages. */
  readonly synced: boolean;
  /** @throws the signal's reason. */
  whenSynced(signal?: AbortSignal): Promise<void>;
  /** `clock.monotonic()` of the last sign of life of the server; -Infinity before the first. */
  lastContact(): number;
  standing(): Standing;
  /**
   * Opens the watch anew where it is, and waits until the store has everything that had happened when this was called:
   * an open connection may be dead, and what is known through it long out of date.
   * @throws the signal's reason
   */
  refresh(signal: AbortSignal): Promise<void>;
}

/** How far the store can be taken for what the server has. */
export interface Standing {
  /** `clock.monotonic()` of the last moment at which the server spoke for the store; -Infinity before the first. */
  readonly confirmedAt: number;
  /**
   * The watch has failed since. One that was opened again may still have to catch up, and only a bookmark or a list
   * tells that it has.
   */
  readonly broken: boolean;
}

const IDLE_MS = 150_000;
const GRACE_MS = 30_000;
/** Watches end after five to ten minutes, so that many of them do not all come back at once. */
const MIN_WATCH_SECONDS = 300;
/** A watch that ended sooner brought nothing: without a wait, a sick server would be asked in a tight loop. */
const SHORT_WATCH_MS = 1_000;
/** What has happened before a watch opens comes at once when it does. */
const CATCH_UP_MS = 1_000;
/** One is a broken connection. Where the next opens and says nothing either, the server's own watch stands still. */
const SILENCES_BEFORE_LIST = 2;

class ListWatch<T> implements Reflector {
  readonly #options: ReflectorOptions<T>;
  readonly #feed: ReturnType<typeof storeFeed<T>>;
  readonly #recovery: ReturnType<typeof createRecovery>;
  readonly #random: () => number;
  readonly #wanted: FieldTree | undefined;
  readonly #cut: (line: Buffer) => string;
  readonly #firstSync = Promise.withResolvers<undefined>();
  #run: { signal: AbortSignal; ended: Promise<void> } | undefined;
  #synced = false;
  #contact = -Infinity;
  #standing: Standing = { confirmedAt: -Infinity, broken: false };
  /** So many watches in a row were given up for their silence: neither a new one nor a list is a sign of life. */
  #silences = 0;
  /** Where the next watch goes on; undefined asks for a list. */
  #version: string | undefined;
  /** Ends the watch that is open, or the wait for the next try. */
  #hurry = new AbortController();
  /** Who waits for what begins from now on. */
  readonly #refreshing = new Set<() => void>();

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    this.#feed = storeFeed(options);
    this.#random = options.random ?? Math.random;
    this.#wanted = options.fields && wantedOfObject(options.fields);
    this.#cut = eventCutter(this.#wanted);
    this.#recovery = createRecovery(this.#random);
  }

  get synced(): boolean {
    return this.#synced;
  }

  lastContact(): number {
    return this.#contact;
  }

  standing(): Standing {
    return this.#standing;
  }

  async whenSynced(signal?: AbortSignal): Promise<void> {
    await (signal === undefined ? this.#firstSync.promise : abortable(this.#firstSync.promise, signal));
  }

  async refresh(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const done = (): void => {
      resolve(undefined);
    };
    this.#refreshing.add(done);
    this.#hurry.abort(new KubeError('unreachable', 'the watch is opened anew'));
    try {
      await abortable(promise, signal);
    } finally {
      this.#refreshing.delete(done);
    }
  }

  async run(signal: AbortSignal): Promise<void> {
    while (this.#run?.signal.aborted === true) await this.#run.ended;
    if (this.#run !== undefined) throw new Error(`the reflector of ${this.#options.resource.plural} already runs`);
    const ended = this.#loop(signal).finally(() => {
      this.#run = undefined;
    });
    this.#run = { signal, ended };
    await ended;
  }

  async #loop(signal: AbortSignal): Promise<void> {
    // Lets `run` take note of this loop before it can end.
    await Promise.resolve();
    // What happened while nobody watched is unknown, and it may have been long.
    this.#version = undefined;
    while (!signal.aborted) await this.#step(signal);
  }

  async #step(signal: AbortSignal): Promise<void> {
    const during: Phase = this.#version === undefined ? 'list' : 'watch';
    const hurry = new AbortController();
    this.#hurry = hurry;
    const either = AbortSignal.any([signal, hurry.signal]);
    try {
      if (this.#version === undefined) await this.#list(signal);
      else await this.#watch(this.#version, either);
    } catch (error) {
      if (!either.aborted) await this.#recover(error, during, either);
    }
  }

  /** Called when a list or a watch begins: tells those who wait by then, once what it brings is there. */
  #beginning(): () => void {
    const waiting = [...this.#refreshing];
    return () => {
      for (const done of waiting) done();
    };
  }

  #query() {
    const { namespace, labelSelector, fieldSelector } = this.#options;
    return { namespace, labelSelector, fieldSelector };
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { client, resource, clock, metrics } = this.#options;
    const startedAt = clock.monotonic();
    const caughtUp = this.#beginning();
    const objects: T[] = [];
    const onPage = (items: readonly unknown[]) => {
      if (this.#silences === 0) this.#contact = clock.monotonic();
      for (const object of this.#feed.slimAll(items)) objects.push(object);
    };
    const version = await listPages({
      client,
      resource,
      query: { ...this.#query(), fields: this.#wanted },
      signal,
      onPage,
    });
    if (signal.aborted) return;
    this.#feed.replaceAll(objects);
    this.#version = version;
    this.#standing = { confirmedAt: startedAt, broken: false };
    this.#recovery.listed();
    metrics?.listed?.(resource.plural, objects.length, clock.monotonic() - startedAt);
    this.#synced = true;
    this.#firstSync.resolve(undefined);
    caughtUp();
  }

  async #watch(resourceVersion: string, signal: AbortSignal): Promise<void> {
    const { client, resource, clock, idleMs = IDLE_MS } = this.#options;
    const timeoutSeconds = Math.round(MIN_WATCH_SECONDS * (1 + this.#random()));
    const query = { ...this.#query(), resourceVersion, timeoutSeconds };
    const caughtUp = this.#beginning();
    let openedAt = Infinity;
    let heardAt = Infinity;
    let cancel = (): void => undefined;
    const lastedLong = () => clock.monotonic() - openedAt >= SHORT_WATCH_MS;
    const onContact = () => {
      heardAt = clock.monotonic();
      if (openedAt === Infinity) {
        openedAt = heardAt;
        cancel = clock.schedule(CATCH_UP_MS, caughtUp);
      } else this.#silences = 0;
      if (this.#silences === 0) this.#contact = heardAt;
    };
    const onEvent = (event: WatchEvent) => {
      this.#apply(event);
    };
    const settings = { client, resource, query, clock, signal, idleMs, graceMs: GRACE_MS, cut: this.#cut };
    try {
      await watchSession({ ...settings, onContact, onEvent });
    } finally {
      cancel();
      if (lastedLong()) this.#recovery.healthy();
      if (clock.monotonic() - heardAt >= idleMs) this.#silences++;
    }
    const moved = this.#version !== resourceVersion;
    if (!moved && !lastedLong()) throw new KubeError('badResponse', `watch ${resource.plural}: ended at once`);
  }

  #apply(event: WatchEvent): void {
    const { resource, metrics } = this.#options;
    // The version first: an event that cannot be applied must not come again for ever.
    this.#version = event.resourceVersion;
    this.#recovery.healthy();
    metrics?.event?.(resource.plural, event.type);
    this.#confirm(event);
    this.#feed.apply(event);
  }

  #confirm({ type }: WatchEvent): void {
    const broken = this.#standing.broken && type !== 'bookmark';
    this.#standing = { broken, confirmedAt: broken ? this.#standing.confirmedAt : this.#options.clock.monotonic() };
  }

  async #recover(error: unknown, during: Phase, signal: AbortSignal): Promise<void> {
    const { resource, logger, metrics, clock } = this.#options;
    const code = isKubeError(error) ? error.code : 'unexpected';
    const { waitMs, relist } = this.#recovery.after(error, during);
    metrics?.failed?.(resource.plural, during, code);
    this.#standing = { ...this.#standing, broken: true };
    const fields = { resource: resource.plural, during, code, waitMs, err: asError(error) };
    if (waitMs === 0) logger.info('watch history has expired, listing anew', { resource: resource.plural });
    else logger.warn('kubernetes list or watch failed', fields);
    if (relist || this.#silences >= SILENCES_BEFORE_LIST) this.#version = undefined;
    await clock.sleep(waitMs, signal).catch(() => undefined);
  }
}

/** Keeps `store` equal to what the server has, from a list and the watch that goes on from it. */
export function createReflector<T>(options: ReflectorOptions<T>): Reflector {
  return new ListWatch(options);
}
