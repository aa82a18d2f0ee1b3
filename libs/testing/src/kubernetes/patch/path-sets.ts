/** The members of one set that are not in another. */
export function minus(set: ReadonlySet<string>, other: ReadonlySet<string>): Set<string> {
  return new Set([...set].filter((path) => !other.has(path)));
}

export const plus = (set: ReadonlySet<string>, other: ReadonlySet<string>): Set<string> => new Set([...set, ...other]);

export const sameSet = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
  a.size === b.size && [...a].every((path) => b.has(path));
