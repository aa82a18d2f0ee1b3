import { randomBytes } from 'node:crypto';
import type { EventInput } from './event-recorder.ts';

interface Occurrences {
  readonly event: EventInput;
  /** Milliseconds since the Unix epoch. */
  readonly firstAt: number;
  readonly lastAt: number;
  readonly count: number;
}

interface Source {
  readonly component: string;
  readonly instance?: string;
}

/** Limits of the API. */
const MAX_MESSAGE = 1_024;
const MAX_REASON = 128;
const MAX_NAME = 253;

/** Kubernetes writes these times without fractions of a second. */
const seconds = (ms: number) => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

function shortened(text: string, max: number): string {
  return text.length > max ? `${text.slice(0, max - 3)}...` : text;
}

/** What a merge patch of an event that happened again says. */
export function repetition({ count, lastAt }: Occurrences) {
  return { count, lastTimestamp: seconds(lastAt) };
}

/** A core/v1 Event, as kubectl describe shows it below the object. */
export function eventObject(occurrences: Occurrences, { component, instance = '' }: Source) {
  const { event, firstAt } = occurrences;
  const { regarding, type, reason, message } = event;
  const suffix = `.${randomBytes(8).toString('hex')}`;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: {
      name: `${regarding.name.slice(0, MAX_NAME - suffix.length)}${suffix}`,
      namespace: regarding.namespace || 'default',
    },
    involvedObject: { ...regarding },
    type,
    reason: shortened(reason, MAX_REASON),
    message: shortened(message, MAX_MESSAGE),
    source: { component, ...(instance === '' ? {} : { host: instance }) },
    reportingComponent: component,
    reportingInstance: instance,
    firstTimestamp: seconds(firstAt),
    ...repetition(occurrences),
  };
}
