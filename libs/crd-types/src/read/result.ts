/** A value that was read, or why it could not be: one line that names the field, what was found and what is allowed. */
export type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

export function ok<T>(value: T): Read<T> {
  return { ok: true, value };
}

/** `found` comes from `describe`, so that no reason ever holds a secret. */
export function refuse(path: string, found: string, allowed: string): Read<never> {
  return { ok: false, reason: `${path}: found ${found}, allowed is ${allowed}` };
}

/** What `value` is, without saying what is in it. */
export function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return `a text of ${value.length} characters`;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** `text` in quotes and cut short; only for fields that cannot hold a secret. */
export function quote(text: string, most = 40): string {
  return JSON.stringify(text.length > most ? `${text.slice(0, most - 3)}...` : text);
}
