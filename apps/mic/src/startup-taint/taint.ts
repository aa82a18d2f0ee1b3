/** A taint of a node, as the API has it. */
interface Taint {
  readonly key?: string;
  readonly value?: string;
  readonly effect?: string;
  readonly timeAdded?: string;
}

interface RawNode {
  readonly spec?: { readonly taints?: readonly Taint[] | null } | null;
}

const taintsOf = (raw: unknown): readonly Taint[] => (raw as RawNode).spec?.taints ?? [];

/** Whether a node has a taint of exactly this key; no key is nobody's. */
export function hasTaint(raw: unknown, key: string): boolean {
  return key !== '' && taintsOf(raw).some((taint) => taint.key === key);
}

/**
 * A JSON patch that takes the taints of this key off, whatever their value and effect, and no other: each is named by its
 * place, and the patch fails where something else stands there by now. Undefined where there is none.
 */
export function untaintPatch(raw: unknown, key: string): readonly object[] | undefined {
  if (!hasTaint(raw, key)) return undefined;
  const places = taintsOf(raw).map((taint, place) => ({ taint, path: `/spec/taints/${place}` }));
  // from the last one on, so that no place moves before its turn
  return places
    .filter(({ taint }) => taint.key === key)
    .reverse()
    .flatMap(({ taint, path }) => [
      { op: 'test', path, value: taint },
      { op: 'remove', path },
    ]);
}
