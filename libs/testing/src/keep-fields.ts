/** Names to keep; `true` keeps all below. */
export interface KeptFields {
  readonly [name: string]: true | KeptFields;
}

/** A copy of `object` with nothing but `fields`: what a client sees that asked for no others. */
export function keepFields(object: unknown, fields: KeptFields): unknown {
  if (typeof object !== 'object' || object === null || Array.isArray(object)) return object;
  const kept = Object.entries(object as Record<string, unknown>).flatMap(([name, value]) => {
    const below = Object.hasOwn(fields, name) ? fields[name] : undefined;
    return below === undefined ? [] : [[name, below === true ? value : keepFields(value, below)]];
  });
  return Object.fromEntries(kept);
}
