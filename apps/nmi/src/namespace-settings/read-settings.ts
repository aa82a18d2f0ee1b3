/** What holds in one namespace beyond what holds on the node. Each can only tighten that. */
export interface NamespaceSettings {
  /** Pods of the namespace get no instance metadata. */
  readonly blockInstanceMetadata: boolean;
  /** Identities of the namespace are for its own pods only, whatever the identities themselves say. */
  readonly namespaced: boolean;
}

type Name = keyof NamespaceSettings;

export const NOTHING_TIGHTER: NamespaceSettings = { blockInstanceMetadata: false, namespaced: false };
/** Where it is not known what holds. */
export const TIGHTEST: NamespaceSettings = { blockInstanceMetadata: true, namespaced: true };

export type ReadSettings =
  | { readonly ok: true; readonly value: NamespaceSettings }
  /** `reason` names what was found and what is allowed. */
  | { readonly ok: false; readonly reason: string };

/** As everywhere in the chart. */
const VALUES: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  [true, true],
  ['true', true],
  [false, false],
  ['false', false],
]);
const NAMES = Object.keys(NOTHING_TIGHTER) as Name[];

const quoted = (value: unknown): string => JSON.stringify(value).slice(0, 80);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function problemOf(name: string, value: unknown): string | undefined {
  if (!(NAMES as string[]).includes(name)) return `${quoted(name)} is no setting, allowed are ${NAMES.join(', ')}`;
  return VALUES.has(value) ? undefined : `${name} is ${quoted(value)}, allowed are true and false`;
}

/**
 * Reads what the chart writes for one namespace: JSON, or nothing at all. A setting that this NMI does not know may
 * tighten something, so it is refused and not passed over.
 */
export function readSettings(text: string): ReadSettings {
  if (text.trim() === '') return { ok: true, value: NOTHING_TIGHTER };
  const found = parsed(text);
  if (typeof found !== 'object' || found === null || Array.isArray(found)) {
    return { ok: false, reason: `${quoted(text)} is no JSON object` };
  }
  const fields = Object.entries(found);
  const problem = fields.map(([name, value]) => problemOf(name, value)).find((each) => each !== undefined);
  if (problem !== undefined) return { ok: false, reason: problem };
  const said = Object.fromEntries(fields.map(([name, value]) => [name, VALUES.get(value)]));
  return { ok: true, value: { ...NOTHING_TIGHTER, ...said } };
}
