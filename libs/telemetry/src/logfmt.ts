/** Lines of `key=value` pairs as the original printed them, so that what reads its logs reads ours. */

/** Values of these characters alone stand without quotes. */
const PLAIN = /^[\w\-./@^+]+$/;

function formatValue(value: unknown): string {
  const text = typeof value === 'string' ? value : ((JSON.stringify(value) as string | undefined) ?? '');
  return PLAIN.test(text) ? text : JSON.stringify(text);
}

/** A key never breaks the line, whatever it was made of. */
function formatKey(key: string): string {
  return key.replace(/[^\w\-./]/g, '_');
}

/** A field with a space before it. */
export function logfmtPair(key: string, value: unknown): string {
  return ` ${formatKey(key)}=${formatValue(value)}`;
}

/** The fields in their order, each with a space before it; those without a value are left out. */
export function logfmtPairs(fields: Readonly<Record<string, unknown>>): string {
  let pairs = '';
  for (const key in fields) {
    const value = fields[key];
    if (value !== undefined) pairs += logfmtPair(key, value);
  }
  return pairs;
}
