import type { Clock } from '@aad-pod-identity/runtime';
import type { Logger } from '@aad-pod-identity/telemetry';
import type { KubeClient } from './client.ts';
import { createBudget } from './event-budget.ts';
import { eventObject, repetition } from './event-object.ts';
import { isKubeError } from './errors.ts';
import { events } from './resources.ts';

/** The object that an event is about. */
export interface Regarding {
  readonly apiVersion: string;
  readonly kind: string;
  /** Empty for cluster-scoped objects, whose events go to the namespace `default`. */
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

export interface EventInput {
  readonly regarding: Regarding;
  readonly type: 'Normal' | 'Warning';
  /** What happened, as a constant. */
  readonly reason: string;
  /** For people; the same happening again must give the same text. */
  readonly message: string;
}

export interface EventRecorderOptions {
  readonly client: KubeClient;
  /** `source.component` of the events. */
  readonly component: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Name of this instance, `source.host`. */
  readonly instance?: string;
}

export interface EventRecorder {
  /** Never waits and never throws. What happens again raises the count of its event; what exceeds the budget is dropped. */
  record(event: EventInput): void;
  /** Resolves once everything recorded so far has been written, or has failed. */
  flush(): Promise<void>;
}

/** One happening: the event it is written as, and how often it was seen. */
interface Series {
  readonly event: EventInput;
  readonly firstAt: number;
  lastAt: number;
  count: number;
  /** Name of the event object; undefined until it was created. */
  name: string | undefined;
  /** A write is queued that will take the latest count. */
  queued: boolean;
}

/** Kubernetes forgets events after an hour, so a series that was quiet for long begins anew. */
const SERIES_AGE_MS = 10 * 60_000;
const MAX_SERIES = 4_096;
const TIMEOUT_MS = 10_000;

function keyOf({ regarding, type, reason, message }: EventInput): string {
  return JSON.stringify([regarding.kind, regarding.namespace, regarding.name, regarding.uid, type, reason, message]);
}

export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { clock, logger } = options;
  const known = new Map<string, Series>();
  const budget = createBudget(clock);
  let writes: Promise<void> = Promise.resolve();

  const enqueue = (series: Series): void => {
    if (series.queued) return;
    series.queued = true;
    writes = writes.then(async () => {
      series.queued = false;
      await write(options, series).catch((error: unknown) => {
        logger.warn('an event could not be written', { reason: series.event.reason, err: error });
      });
    });
  };
  return {
    record: (event) => {
      if (!budget.allows(event)) {
        logger.debug('an event exceeds the budget', { reason: event.reason });
        return;
      }
      enqueue(seriesOf(known, event, clock.now()));
    },
    flush: () => writes,
  };
}

/** The series that `event` continues, or a new one; the one that was quiet for longest makes room. */
function seriesOf(known: Map<string, Series>, event: EventInput, now: number): Series {
  const key = keyOf(event);
  const before = known.get(key);
  known.delete(key);
  const continued = before !== undefined && now - before.lastAt < SERIES_AGE_MS ? before : undefined;
  const series = continued ?? { event, firstAt: now, lastAt: now, count: 0, name: undefined, queued: false };
  series.count += 1;
  series.lastAt = now;
  known.set(key, series);
  for (const oldest of known.keys()) {
    if (known.size <= MAX_SERIES) break;
    known.delete(oldest);
  }
  return series;
}

async function write(options: EventRecorderOptions, series: Series): Promise<void> {
  const namespace = series.event.regarding.namespace || 'default';
  const call = { timeoutMs: TIMEOUT_MS };
  if (series.name !== undefined) {
    try {
      await options.client.patch(events, { namespace, name: series.name }, repetition(series), { type: 'merge' }, call);
      return;
    } catch (error) {
      // it was forgotten, as the API forgets events after a while
      if (!isKubeError(error, 'notFound')) throw error;
    }
  }
  const object = eventObject(series, options);
  await options.client.create(events, { namespace }, object, call);
  series.name = object.metadata.name;
}
