/**
 * The shapes of the built-in kinds, in short: `V1Pod` -> field -> type, where a type is `string`, `integer`, `number`,
 * `boolean`, `intOrString`, `any`, the name of another shape, and any of these after `[]` (list) or `{}` (map).
 */
export type Definitions = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** One attribute as the typed models of @kubernetes/client-node describe it. */
interface Attribute {
  readonly baseName: string;
  readonly type: string;
  readonly format: string;
}

interface Model {
  getAttributeTypeMap(): readonly Attribute[];
}

const PLAIN: Readonly<Record<string, string>> = {
  string: 'string',
  number: 'integer',
  boolean: 'boolean',
  Date: 'string',
  V1MicroTime: 'string',
  IntOrString: 'intOrString',
  any: 'any',
  object: 'any',
};

function shortType(type: string, format: string): string {
  const list = /^Array<(.+)>$/.exec(type)?.[1];
  if (list !== undefined) return `[]${shortType(list, format)}`;
  const map = /^\{ \[key: string\]: (.+); \}$/.exec(type)?.[1];
  if (map !== undefined) return `{}${shortType(map, format)}`;
  if (type === 'number' && format === 'double') return 'number';
  return PLAIN[type] ?? type;
}

/** Shapes that have no fixed fields, or whose fields are checked elsewhere. */
const OPAQUE = new Set(['V1JSONSchemaProps', 'V1ManagedFieldsEntry']);

function isModel(value: unknown): value is Model {
  return typeof value === 'function' && 'getAttributeTypeMap' in value;
}

/** The shapes reachable from `roots` among the models of a client library. */
export function definitionsFrom(models: Readonly<Record<string, unknown>>, roots: readonly string[]): Definitions {
  const found: Record<string, Record<string, string>> = {};
  const waiting = [...roots];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const model = models[name];
    if (name in found || !isModel(model) || OPAQUE.has(name)) continue;
    const fields = model.getAttributeTypeMap().map(({ baseName, type, format }) => [baseName, shortType(type, format)]);
    const shape = Object.fromEntries(fields) as Record<string, string>;
    found[name] = shape;
    waiting.push(...Object.values(shape).map((type) => type.replace(/^(\[\]|\{\})+/, '')));
  }
  return Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)));
}
