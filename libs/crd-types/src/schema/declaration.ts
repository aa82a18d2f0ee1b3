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
}

export const AGE: Column = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description: 'When the object was created.',
};

/** Wide only: scripts that count the columns of `kubectl get` go on working. */
export const READY_COLUMNS: readonly Column[] = [
  {
    name: 'Ready',
    type: 'string',
    jsonPath: '.status.conditions[?(@.type=="Ready")].status',
    description: 'Whether it works.',
    priority: 1,
  },
  {
    name: 'Reason',
    type: 'string',
    jsonPath: '.status.conditions[?(@.type=="Ready")].reason',
    description: 'Why it does or does not.',
    priority: 1,
  },
];
