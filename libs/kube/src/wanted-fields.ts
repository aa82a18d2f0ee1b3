import { type FieldTree, jsonCutter } from './json-cut.ts';

/** What the reflector itself reads of every object. */
const IDENTITY: FieldTree = { name: true, namespace: true, resourceVersion: true };
/** What an ERROR event holds in the place of an object. */
const STATUS: FieldTree = { code: true, reason: true, message: true, details: true };

/** The fields that `slim` reads, and those that the reflector needs. */
export function wantedOfObject(fields: FieldTree): FieldTree {
  const { metadata = {} } = fields;
  return { ...fields, metadata: metadata === true ? metadata : { ...metadata, ...IDENTITY } };
}

/** Makes text of a line of a watch, whole if nothing is said about the objects' fields. */
export function eventCutter(object: FieldTree | undefined): (line: Buffer) => string {
  if (object === undefined) return (line) => line.toString('utf8');
  return jsonCutter({ type: true, object: { ...STATUS, ...object } });
}
