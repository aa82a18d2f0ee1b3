/** Parts of a JSON schema. Every value may be null, which Helm has for "as if it were not there". */
export type Schema = Readonly<Record<string, unknown>>;

const nullable = (...types: string[]): string[] => [...types, 'null'];

export const text: Schema = { type: nullable('string') };
/** An empty text leaves the default. */
export const bool: Schema = { enum: [true, false, 'true', 'false', '', null] };
export const whole: Schema = {
  anyOf: [
    { type: nullable('integer'), minimum: 0 },
    { type: 'string', pattern: '^[0-9]*$' },
  ],
};
export const port: Schema = {
  anyOf: [
    { type: nullable('integer'), minimum: 0, maximum: 65535 },
    { type: 'string', pattern: '^[0-9]{0,5}$' },
  ],
};
/** Go's: 1h, 3600s, 1m30s, 500ms. */
export const duration: Schema = {
  type: nullable('string'),
  pattern: '^(([0-9]+(\\.[0-9]+)?(ns|us|µs|ms|s|m|h))+|0)?$',
};
export const oneOf = (...values: readonly string[]): Schema => ({ enum: [...values, '', null] });
export const texts: Schema = { type: nullable('array'), items: { type: 'string' } };
/** Kubernetes says what may stand there. */
export const anyMap: Schema = { type: nullable('object') };
export const anyList: Schema = { type: nullable('array') };
export const textMap: Schema = {
  type: nullable('object'),
  additionalProperties: { type: nullable('string', 'boolean', 'number') },
};

export const record = (properties: Readonly<Record<string, Schema>>): Schema => ({
  type: nullable('object'),
  additionalProperties: false,
  properties,
});
export const mapOf = (entry: Schema, more: Schema = {}): Schema => ({
  ...{ type: nullable('object'), additionalProperties: entry },
  ...more,
});
