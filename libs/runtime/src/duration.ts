/** Durations in exactly Go's syntax, because flags of existing installations are written in it. */

const NANOSECONDS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n, // U+00B5, the micro sign
  μs: 1_000n, // U+03BC, the Greek letter
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

/** One number with its unit; of several units that fit, the longest. */
const PART = /(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/gy;

/** Go keeps nanoseconds in 64 bits and refuses what does not fit. */
const MAX_NANOSECONDS = 2n ** 63n - 1n;

function partNanoseconds(whole: string, fraction: string, unit: bigint): bigint {
  return BigInt(whole || '0') * unit + (BigInt(fraction || '0') * unit) / 10n ** BigInt(fraction.length);
}

function unsignedNanoseconds(text: string): bigint | undefined {
  if (text === '0') return 0n;
  PART.lastIndex = 0;
  let total = 0n;
  while (PART.lastIndex < text.length) {
    const part = PART.exec(text);
    const [, whole = '', fraction = '', unit = ''] = part ?? [];
    const size = NANOSECONDS[unit];
    if (size === undefined || whole + fraction === '') return undefined;
    total += partNanoseconds(whole, fraction, size);
  }
  return text === '' || total > MAX_NANOSECONDS ? undefined : total;
}

/** Milliseconds (a fraction below one) of a duration such as `1m30s`, `1.5h`, `500ms` or `0`; undefined if it is none. */
export function parseDuration(text: string): number | undefined {
  const unsigned = text.replace(/^[+-]/, '');
  const nanoseconds = unsignedNanoseconds(unsigned);
  if (nanoseconds === undefined) return undefined;
  const milliseconds = Number(nanoseconds) / 1e6;
  return text.startsWith('-') && milliseconds !== 0 ? -milliseconds : milliseconds;
}

function decimal(nanoseconds: bigint, unit: bigint): string {
  const digits = String(unit).length - 1;
  const fraction = String(nanoseconds % unit)
    .padStart(digits, '0')
    .replace(/0+$/, '');
  return fraction === '' || digits === 0 ? String(nanoseconds / unit) : `${nanoseconds / unit}.${fraction}`;
}

function formatUnsigned(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return '0s';
  if (nanoseconds < 1_000n) return `${nanoseconds}ns`;
  if (nanoseconds < 1_000_000n) return `${decimal(nanoseconds, 1_000n)}µs`;
  if (nanoseconds < 1_000_000_000n) return `${decimal(nanoseconds, 1_000_000n)}ms`;
  const minutes = nanoseconds / 60_000_000_000n;
  const seconds = `${decimal(nanoseconds % 60_000_000_000n, 1_000_000_000n)}s`;
  if (minutes === 0n) return seconds;
  return minutes < 60n ? `${minutes}m${seconds}` : `${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

/** The duration of `ms` milliseconds as Go prints it: `1h0m0s`, `1.5s`, `500ms`, `0s`. */
export function formatDuration(ms: number): string {
  const nanoseconds = BigInt(Math.round(Math.abs(ms) * 1e6));
  return (ms < 0 && nanoseconds !== 0n ? '-' : '') + formatUnsigned(nanoseconds);
}
