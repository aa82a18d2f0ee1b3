import type { Kind } from '../group.ts';
import type { Field } from '../read/field.ts';

export interface Column {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'date';
  readonly jsonPath: string;
  readonly description: string;
  /** 0 = always shown, 1 = only with `-o wide`. */
  readonly priority?: number;
}

/** Everything about one kind: its CRD and its reader come from here and from nowhere else. */
export interface Declaration<T> {
  readonly names: Kind;
  readonly description: string;
  readonly field: Field<T>;
  readonly columns: readonly Column[];
  /** Whether its status is written by a path of its own, beside the spec that people and their tools write. */
  readonly hasStatusPath?: true;
}

export const AGE: Column = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description: 'When the object was created.',
};

/** After the columns of 1.8.17: scripts that count columns from the left go on working. */
export const READY_COLUMNS: readonly Column[] = [
  {
    name: 'Ready',
    type: 'string',
    jsonPath: '.status.conditions[?(@.type=="Ready")].status',
    description: 'Whether it works.',
  },
  {
    name: 'Reason',
    type: 'string',
    jsonPath: '.status.conditions[?(@.type=="Ready")].reason',
    description: 'Why it does or does not.',
  },
];
