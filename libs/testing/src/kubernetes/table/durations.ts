const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

const two = (big: number, bigUnit: string, small: number, smallUnit: string): string =>
  small === 0 ? `${big}${bigUnit}` : `${big}${bigUnit}${small}${smallUnit}`;

/** Ranges of the API's short form: under `below` milliseconds the text is made by `text`. */
const RANGES: readonly { readonly below: number; readonly text: (ms: number) => string }[] = [
  { below: 2 * MINUTE, text: (ms) => `${Math.floor(ms / SECOND)}s` },
  { below: 10 * MINUTE, text: (ms) => two(Math.floor(ms / MINUTE), 'm', Math.floor((ms % MINUTE) / SECOND), 's') },
  { below: 3 * HOUR, text: (ms) => `${Math.floor(ms / MINUTE)}m` },
  { below: 8 * HOUR, text: (ms) => two(Math.floor(ms / HOUR), 'h', Math.floor((ms % HOUR) / MINUTE), 'm') },
  { below: 2 * DAY, text: (ms) => `${Math.floor(ms / HOUR)}h` },
  { below: 8 * DAY, text: (ms) => two(Math.floor(ms / DAY), 'd', Math.floor((ms % DAY) / HOUR), 'h') },
  { below: 2 * YEAR, text: (ms) => `${Math.floor(ms / DAY)}d` },
  { below: 8 * YEAR, text: (ms) => two(Math.floor(ms / YEAR), 'y', Math.floor((ms % YEAR) / DAY), 'd') },
];

/** A duration the way `kubectl get` shows ages: at most two units. */
export function shortDuration(ms: number): string {
  if (ms < -SECOND) return '<invalid>';
  if (ms < 0) return '0s';
  const range = RANGES.find(({ below }) => ms < below);
  return range === undefined ? `${Math.floor(ms / YEAR)}y` : range.text(ms);
}

/** How long ago an API time was; `<unknown>` when there is none. */
export function age(time: unknown, now: number): string {
  if (typeof time !== 'string' || time === '') return '<unknown>';
  const at = Date.parse(time);
  return Number.isNaN(at) ? '<invalid>' : shortDuration(now - at);
}
