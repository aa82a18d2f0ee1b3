import type { KubeObject } from '@aad-pod-identity/kube';

/** Where kubectl keeps what was applied, so that the next apply knows which fields are gone from the manifest. */
const ANNOTATION = 'kubectl.kubernetes.io/last-applied-configuration';

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isFields(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(byName)
      .map(([name, field]) => [name, sorted(field)]),
  );
}

const byName = ([a]: [string, unknown], [b]: [string, unknown]) => (a < b ? -1 : 1);

/** JSON byte for byte as kubectl writes it: names in order, what HTML might read escaped, a line end. */
function kubectlJson(object: unknown): string {
  const json = JSON.stringify(sorted(object));
  return `${json.replace(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}

/** The object with the annotation that kubectl would give it. */
export function withLastApplied(object: KubeObject): KubeObject {
  const { [ANNOTATION]: _, ...annotations } = object.metadata?.annotations ?? {};
  const applied = { ...object, metadata: { ...object.metadata, annotations } };
  return {
    ...applied,
    metadata: { ...applied.metadata, annotations: { ...annotations, [ANNOTATION]: kubectlJson(applied) } },
  };
}

/** What was applied last, by kubectl or by the sandbox; nothing if the object came about otherwise. */
export function lastApplied({ metadata }: KubeObject): Fields {
  try {
    const read: unknown = JSON.parse(metadata?.annotations?.[ANNOTATION] ?? '');
    return isFields(read) ? read : {};
  } catch {
    return {};
  }
}

/** All of what is wanted, and null for each field that was applied before and is no longer wanted. */
export function threeWayPatch(before: unknown, wanted: object): Fields {
  const old = isFields(before) ? before : {};
  const gone = Object.keys(old).filter((name) => !(name in wanted));
  const kept = Object.entries(wanted as Fields).map(([name, value]) => [
    name,
    isFields(value) ? threeWayPatch(old[name], value) : value,
  ]);
  return { ...Object.fromEntries(gone.map((name) => [name, null])), ...(Object.fromEntries(kept) as Fields) };
}
