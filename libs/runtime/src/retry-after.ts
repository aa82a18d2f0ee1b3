/** `Retry-After` in milliseconds from `nowMs`: a count of seconds or an HTTP date. Undefined when it makes no sense. */
export function parseRetryAfter(value: unknown, nowMs: number): number | undefined {
  const text = typeof value === 'string' ? value.trim() : '';
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  // `Date.parse` makes a date of nearly any number; those of HTTP begin with the day's name.
  const date = /^[A-Za-z]/.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}
