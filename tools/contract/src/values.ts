/** What stands at a dotted path of an answer; numbers are places in lists. */
export function at(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((inner, step) => (inner as Record<string, unknown> | undefined)?.[step], value);
}

export const textAt = (value: unknown, path: string): string => String(at(value, path));

export function itemsOf(list: unknown): unknown[] {
  const items = at(list, 'items');
  if (!Array.isArray(items)) throw new Error(`not a list: ${JSON.stringify(list)}`);
  return items as unknown[];
}

export const namesOf = (list: unknown): string[] => itemsOf(list).map((item) => textAt(item, 'metadata.name'));

/** Type and name of an event. */
export const told = (event: { type: string; object: unknown } | undefined): string =>
  event === undefined ? 'end' : `${event.type} ${textAt(event.object, 'metadata.name')}`;

/** Asymmetric matchers of type `unknown`, so that they fit any place in an expectation. */
export const anyText: unknown = expect.any(String);
export const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);
export const containing = (text: string): unknown => expect.stringContaining(text);
export const withFields = (fields: object): unknown => expect.objectContaining({ ...fields });
export const withItems = (...items: readonly unknown[]): unknown => expect.arrayContaining([...items]);
