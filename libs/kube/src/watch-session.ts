import { abortReason, type Clock } from '@aad-pod-identity/runtime';
import type { KubeClient, WatchQuery } from './client.ts';
import { KubeError } from './errors.ts';
import { createLineDecoder } from './line-decoder.ts';
import type { Resource } from './resources.ts';
import { readWatchEvent, type WatchEvent } from './watch-event.ts';

export interface WatchSessionOptions {
  client: KubeClient;
  resource: Resource;
  query: WatchQuery;
  clock: Clock;
  /** No byte for this long, bookmarks included: the connection is taken for half open. */
  idleMs: number;
  /** How much later than `query.timeoutSeconds` the server may end the watch. */
  graceMs: number;
  /** Called for each piece of the answer, the headers too. */
  onContact: () => void;
  onEvent: (event: WatchEvent) => void;
  /** Makes text of a line's bytes. */
  cut: (line: Buffer) => string;
  signal: AbortSignal;
}

/** Aborts when `touch` has not been called for `idleMs`, or after `lifeMs` in any case. One timer, not one a byte. */
function watchdog(clock: Clock, idleMs: number, lifeMs: number) {
  const controller = new AbortController();
  const bornAt = clock.monotonic();
  let touchedAt = bornAt;
  let cancel = (): void => undefined;
  const check = () => {
    const left = Math.min(touchedAt + idleMs, bornAt + lifeMs) - clock.monotonic();
    if (left > 0) cancel = clock.schedule(left, check);
    else controller.abort(new KubeError('timeout', 'the watch has gone silent'));
  };
  check();
  return {
    signal: controller.signal,
    touch: () => {
      touchedAt = clock.monotonic();
    },
    stop: () => {
      cancel();
    },
  };
}

/**
 * One watch, from its request to its end. Resolves when the server ends it between two events, as it does after
 * `timeoutSeconds`.
 * @throws KubeError when it breaks: `timeout` when silent, `unreachable` when cut off, also inside an event; and what
 * the server says, in its answer or in an ERROR event. The signal's reason when that aborts.
 */
export async function watchSession(options: WatchSessionOptions): Promise<void> {
  const { client, resource, query, clock, idleMs, graceMs, onContact, onEvent, cut, signal } = options;
  const what = `watch ${resource.plural}`;
  const guard = watchdog(clock, idleMs, query.timeoutSeconds * 1000 + graceMs);
  const decoder = createLineDecoder();
  const contact = () => {
    guard.touch();
    onContact();
  };
  try {
    const stream = await client.watch(resource, query, { signal: AbortSignal.any([signal, guard.signal]) });
    contact();
    for await (const chunk of stream) {
      contact();
      decoder.push(chunk, (line) => {
        onEvent(readWatchEvent(cut(line), what));
      });
      // Events that came in the same breath as the abort are still applied; nothing after it is.
      if (signal.aborted) throw abortReason(signal);
    }
    if (decoder.pendingBytes > 0) throw new KubeError('unreachable', `${what}: cut off inside an event`);
  } finally {
    guard.stop();
  }
}
