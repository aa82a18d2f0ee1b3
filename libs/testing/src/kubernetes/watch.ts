import type { Clock } from '@aad-pod-identity/runtime';

import type { ResponseSink } from './http/sink.ts';
import type { KubeObject } from './objects.ts';
import { apiVersionOf, type ResourceType } from './resource-types.ts';
import { ApiError, expired, type Status } from './status-errors.ts';
import type { Change, ChangeType, Storage } from './storage.ts';

/** How objects go out: in full, as metadata only, or as a row of a table. */
export type Render = (object: KubeObject) => string;

export interface WatchRequest {
  readonly type: ResourceType;
  readonly accepts: (object: KubeObject) => boolean;
  readonly render: () => Render;
  /** Revision to go on from; `undefined` to begin with all that exists. */
  readonly from: number | undefined;
  readonly bookmarks: boolean;
  /** Tell the end of the initial objects by a bookmark of its own. */
  readonly initialEventsEnd: boolean;
  readonly timeoutMs: number;
}

interface WatchContext {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly bookmarkIntervalMs: number;
}

type Accepts = (object: KubeObject) => boolean;

/** The last state of an object that leaves the selection, at the revision at which it left. */
function left(change: Change, last: KubeObject): KubeObject {
  const { resourceVersion = '' } = change.object.metadata;
  return { ...last, metadata: { ...last.metadata, resourceVersion } };
}

/** What a change means to a watcher that sees only some objects: leaving the selection is a deletion. */
function visible({ type, object, ...change }: Change, accepts: Accepts): [ChangeType, KubeObject] | undefined {
  const last = change.previous !== undefined && accepts(change.previous) ? change.previous : undefined;
  if (type !== 'DELETED' && accepts(object)) return [last === undefined ? 'ADDED' : 'MODIFIED', object];
  return last === undefined ? undefined : ['DELETED', left({ type, object, ...change }, last)];
}

const line = (type: string, json: string): string => `{"type":"${type}","object":${json}}\n`;

export const errorLine = (status: Status): string => line('ERROR', JSON.stringify(status));

function bookmarkLine(type: ResourceType, revision: number, initialEventsEnd: boolean): string {
  const metadata = {
    resourceVersion: String(revision),
    ...(initialEventsEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}),
  };
  return line('BOOKMARK', JSON.stringify({ kind: type.kind, apiVersion: apiVersionOf(type), metadata }));
}

function sendPast(watch: WatchRequest, storage: Storage, sink: ResponseSink, render: Render): void {
  if (watch.from === undefined) {
    for (const object of storage.list(watch.type.collection).filter(watch.accepts)) {
      sink.write(line('ADDED', render(object)));
    }
    if (watch.initialEventsEnd) sink.write(bookmarkLine(watch.type, storage.revision, true));
    return;
  }
  for (const change of storage.since(watch.from, watch.type.collection)) send(change, watch, sink, render);
}

function send(change: Change, watch: WatchRequest, sink: ResponseSink, render: Render): void {
  if (watch.from !== undefined && change.revision <= watch.from) return;
  const event = visible(change, watch.accepts);
  if (event !== undefined) sink.write(line(event[0], render(event[1])));
}

/** Carries a watch until the client goes, the time is up, or its start turns out to be too old. */
export function runWatch(watch: WatchRequest, context: WatchContext, sink: ResponseSink): void {
  const { storage, clock } = context;
  sink.head(200, { 'content-type': 'application/json', 'cache-control': 'no-cache, private' });
  if (watch.from !== undefined && watch.from < storage.compacted) {
    sink.write(errorLine(tooOld(watch.from, storage.compacted).body));
    sink.end();
    return;
  }
  const render = watch.render();
  sendPast(watch, storage, sink, render);
  const stops = [
    storage.subscribe((change) => {
      if (change.collection === watch.type.collection) send(change, watch, sink, render);
    }),
    clock.schedule(watch.timeoutMs, () => {
      sink.end();
    }),
    ...(watch.bookmarks ? bookmarkTimers(watch, context, sink) : []),
  ];
  sink.onClose(() => {
    for (const stop of stops) stop();
  });
}

/** The real server sends one then, so that the next watch can go on from there. */
const BOOKMARK_BEFORE_END_MS = 2000;

function bookmarkTimers(
  { type, timeoutMs }: WatchRequest,
  { storage, clock, bookmarkIntervalMs }: WatchContext,
  sink: ResponseSink,
): (() => void)[] {
  const send = (): void => {
    sink.write(bookmarkLine(type, storage.revision, false));
  };
  const last = timeoutMs - BOOKMARK_BEFORE_END_MS;
  return [everyInterval(clock, bookmarkIntervalMs, send), ...(last > 0 ? [clock.schedule(last, send)] : [])];
}

const tooOld = (from: number, compacted: number): ApiError =>
  expired(`too old resource version: ${from} (${compacted})`);

function everyInterval(clock: Clock, ms: number, callback: () => void): () => void {
  let cancel = clock.schedule(ms, tick);
  function tick(): void {
    callback();
    cancel = clock.schedule(ms, tick);
  }
  return () => {
    cancel();
  };
}
