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

/** One line, newline included: `time`, `level` and `msg` first as given, then the rest in its order. */
export function logfmtLine(record: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(record).flatMap(([key, value]) =>
    value === undefined ? [] : [`${formatKey(key)}=${formatValue(value)}`],
  );
  return `${pairs.join(' ')}\n`;
}
