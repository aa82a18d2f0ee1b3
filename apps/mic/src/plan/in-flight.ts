/**
 * What a write under way to the VM or scale set adds and takes off, lower-cased. Until it has ended none of it counts
 * as being there: what is added is not confirmed, and what is taken off may be gone at any moment.
 */
export interface InFlight {
  readonly add: ReadonlySet<string>;
  readonly remove: ReadonlySet<string>;
}

export const NOTHING_IN_FLIGHT: InFlight = { add: new Set(), remove: new Set() };

const lowerCased = (ids: readonly string[]): ReadonlySet<string> => new Set(ids.map((id) => id.toLowerCase()));

export function inFlight({ add, remove }: { readonly add: readonly string[]; readonly remove: readonly string[] }) {
  return { add: lowerCased(add), remove: lowerCased(remove) };
}

/** What is there whatever becomes of the write. */
export function certain<T>(present: ReadonlyMap<string, T>, { add, remove }: InFlight): ReadonlyMap<string, T> {
  if (add.size + remove.size === 0) return present;
  return new Map([...present].filter(([armId]) => !add.has(armId) && !remove.has(armId)));
}
