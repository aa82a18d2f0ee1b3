import { type KindName, API_VERSION } from '../group.ts';
import { dictionary, type Field, optional, record, text, texts, unreported, whole } from '../read/field.ts';
import { type JsonObject } from '../read/field-value.ts';
import { describe, ok, quote, refuse } from '../read/result.ts';
import type { Condition, Meta } from '../types.ts';

/** Marks a part of a schema where old spellings, which the schema does not name, must be kept by the API server. */
export const KEEP_UNKNOWN: JsonObject = { 'x-kubernetes-preserve-unknown-fields': true };

const plain = text({ description: '' });
const map = dictionary({ description: '' });

export const meta: Field<Meta> = unreported(
  record<Meta>({
    name: plain,
    namespace: plain,
    uid: plain,
    resourceVersion: plain,
    creationTimestamp: plain,
    deletionTimestamp: plain,
    labels: map,
    annotations: map,
    finalizers: texts({ description: '' }),
  }),
);

/** Always the version written today: what was stored under another one reads the same. */
export const apiVersion: Field<string> = {
  schema: { description: `Version of the form of this object: ${API_VERSION}.`, type: 'string' },
  read: (value, path) =>
    value === undefined || value === null || typeof value === 'string'
      ? ok(API_VERSION)
      : refuse(path, describe(value), API_VERSION),
};

/** The kind's own name, in any case; it is missing in the items of some lists. */
export function kindField<K extends KindName>(kind: K): Field<K> {
  return {
    schema: { description: `Kind of this object: ${kind}.`, type: 'string' },
    read: (value, path) => {
      const missing = value === undefined || value === null || value === '';
      if (missing || (typeof value === 'string' && value.toLowerCase() === kind.toLowerCase())) return ok(kind);
      return refuse(path, typeof value === 'string' ? quote(value) : describe(value), kind);
    },
  };
}

const condition: Field<Condition> = record<Condition>(
  {
    type: text({ description: 'What is judged: Ready.' }),
    status: text({ description: 'True, False or Unknown.' }),
    reason: text({ description: 'One word for programs.' }),
    message: text({ description: 'One line for people.' }),
    lastTransitionTime: text({ description: 'When status last changed.' }),
    observedGeneration: optional(
      whole({
        description: 'The metadata.generation that was judged.',
        min: 0,
        max: Number.MAX_SAFE_INTEGER,
        schema: { format: 'int64' },
      }),
    ),
  },
  { schema: { ...KEEP_UNKNOWN } },
);

/** Entries that are no conditions are dropped: a status nobody can read must not make its object unreadable. */
export const conditions: Field<readonly Condition[]> = {
  schema: { description: 'What is right or wrong with this object now.', type: 'array', items: condition.schema },
  read: (value, path) => {
    if (!Array.isArray(value)) return ok([]);
    const entries = value.map((entry: unknown) => condition.read(entry, path));
    return ok(entries.flatMap((entry) => (entry.ok && entry.value.type !== '' ? [entry.value] : [])));
  },
};

/** A status that is no object reads as an empty one, for the same reason. */
export function lenient<T>(field: Field<T>): Field<T> {
  return {
    ...field,
    read: (value, path) => {
      const read = field.read(value, path);
      return read.ok ? read : field.read(undefined, path);
    },
  };
}
