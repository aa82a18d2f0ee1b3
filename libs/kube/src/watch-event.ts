import { parseJson } from './body.ts';
import { KubeError } from './errors.ts';
import type { ObjectMeta } from './resources.ts';
import { errorFromStatus } from './status.ts';

/** An object as it came from the server: only its metadata has been looked at. */
export interface RawObject {
  metadata: ObjectMeta;
}

export type WatchEvent =
  | { type: 'changed'; object: RawObject; resourceVersion: string }
  | { type: 'deleted'; object: RawObject; resourceVersion: string }
  | { type: 'bookmark'; resourceVersion: string };

const TYPES: Readonly<Record<string, WatchEvent['type']>> = {
  ADDED: 'changed',
  MODIFIED: 'changed',
  DELETED: 'deleted',
  BOOKMARK: 'bookmark',
};

/**
 * Reads one line of a watch.
 * @throws KubeError `badResponse`, or the error that an ERROR event carries (`gone` for 410).
 */
export function readWatchEvent(line: string, what: string): WatchEvent {
  const event = parseJson(line, what) as {
    type?: unknown;
    object?: Partial<RawObject> | null;
  } | null;
  const { type, object } = event ?? {};
  if (type === 'ERROR') throw errorFromStatus(object, what);
  const known = typeof type === 'string' ? TYPES[type] : undefined;
  const resourceVersion = object?.metadata?.resourceVersion;
  if (known === undefined || typeof resourceVersion !== 'string') {
    throw new KubeError('badResponse', `${what}: not a watch event`);
  }
  return { type: known, object: object as RawObject, resourceVersion };
}
