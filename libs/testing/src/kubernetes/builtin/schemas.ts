import { readFileSync } from 'node:fs';

import type { SchemaNode } from '../schema/schema-node.ts';
import type { Definitions } from './model-definitions.ts';
import { ROOTS } from './roots.ts';

/** Generated from the typed models of @kubernetes/client-node; a test says when it is out of date. */
const FILE = new URL('definitions.json', import.meta.url);

const LEAVES: Readonly<Record<string, SchemaNode>> = {
  string: { type: 'string', nullable: true },
  integer: { type: 'integer', nullable: true },
  number: { type: 'number', nullable: true },
  boolean: { type: 'boolean', nullable: true },
  intOrString: { 'x-kubernetes-int-or-string': true, nullable: true },
};
const ANYTHING: SchemaNode = { 'x-kubernetes-preserve-unknown-fields': true, nullable: true };

/** Amounts of resources may be written as numbers. */
const QUANTITIES = new Set([
  'limits',
  'requests',
  'capacity',
  'allocatable',
  'hard',
  'used',
  'default',
  'defaultRequest',
  'max',
  'min',
]);

interface Writable {
  properties: Record<string, SchemaNode>;
}

/** Schemas made from the definitions when they are first asked for; shapes may contain themselves. */
class BuiltinSchemas {
  readonly #definitions = JSON.parse(readFileSync(FILE, 'utf8')) as Definitions;
  readonly #made = new Map<string, SchemaNode>();

  of(name: string): SchemaNode {
    const known = this.#made.get(name);
    if (known !== undefined) return known;
    const fields = this.#definitions[name];
    if (fields === undefined) return ANYTHING;
    const node: SchemaNode & Writable = {
      type: 'object',
      nullable: true,
      goName: name.replace(/^[A-Z][a-z]*V\d|^V\d/, ''),
      properties: {},
    };
    this.#made.set(name, node);
    for (const [field, type] of Object.entries(fields)) {
      node.properties[field] = this.#node(type === '{}string' && QUANTITIES.has(field) ? '{}any' : type);
    }
    return node;
  }

  #node(type: string): SchemaNode {
    if (type.startsWith('[]')) return { type: 'array', nullable: true, items: this.#node(type.slice(2)) };
    if (type.startsWith('{}')) {
      return { type: 'object', nullable: true, additionalProperties: this.#node(type.slice(2)) };
    }
    return LEAVES[type] ?? this.of(type);
  }
}

let schemas: BuiltinSchemas | undefined;

/** The schema of a built-in collection; `undefined` for those that are not stored. */
export function builtinSchema(collection: string): SchemaNode | undefined {
  const root = ROOTS[collection];
  if (root === undefined) return undefined;
  schemas ??= new BuiltinSchemas();
  return schemas.of(root);
}
