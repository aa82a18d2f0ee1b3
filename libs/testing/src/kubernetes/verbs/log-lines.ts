import { badRequest } from '../status-errors.ts';

/** What `kubectl logs` may ask of a pod's log. */
export interface LogOptions {
  readonly container: string;
  readonly follow: boolean;
  readonly previous: boolean;
  readonly timestamps: boolean;
  /** Wall-clock milliseconds; earlier lines are left out. */
  readonly since: number | undefined;
  readonly tailLines: number | undefined;
  readonly limitBytes: number | undefined;
}

export type LineFilter = Pick<LogOptions, 'since' | 'timestamps'>;

/** Where a program writes the time of a line: at its start, or as a field of logfmt or JSON. */
const TIME = /^(?:time="?|\{"(?:time|ts)":"|.{0,200}?,"(?:time|ts)":")?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)/;

interface Line {
  readonly text: string;
  /** As the line says it; a line without a time of its own has that of the line before. */
  readonly time: string;
}

function readLines(text: string): Line[] {
  let time = '';
  return text.split(/(?<=\n)/).map((line) => {
    time = TIME.exec(line)?.[1] ?? time;
    return { text: line, time };
  });
}

/** Leaves out what is older than `since` and writes the time before each line, as far as lines tell it. */
export function selectLines(text: string, { since, timestamps }: LineFilter): string {
  if (text === '' || (since === undefined && !timestamps)) return text;
  return readLines(text)
    .filter(({ time }) => since === undefined || time === '' || Date.parse(time) >= since)
    .map(({ text: line, time }) => (timestamps && time !== '' ? `${time} ${line}` : line))
    .join('');
}

/** The last lines of a text. */
export function tail(text: string, lines: number | undefined): string {
  if (lines === undefined) return text;
  return lines === 0
    ? ''
    : text
        .split(/(?<=\n)/)
        .slice(-lines)
        .join('');
}

/** Complete lines only: the last one may still be being written. */
export const completeLines = (text: string): string => text.slice(0, text.lastIndexOf('\n') + 1);

function countOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (!/^\d+$/.test(text)) throw badRequest(`${name}: Invalid value: ${JSON.stringify(text)}: must be a whole number`);
  return Number(text);
}

function sinceOf(query: URLSearchParams, now: number): number | undefined {
  const seconds = countOf(query, 'sinceSeconds');
  const time = query.get('sinceTime');
  if (seconds !== undefined) return now - seconds * 1000;
  if (time === null) return undefined;
  const since = Date.parse(time);
  if (Number.isNaN(since)) throw badRequest(`sinceTime: Invalid value: ${JSON.stringify(time)}: must be a time`);
  return since;
}

/** @throws ApiError 400 for values the API does not know */
export function logOptions(query: URLSearchParams, flag: (name: string) => boolean, now: number): LogOptions {
  return {
    container: query.get('container') ?? '',
    follow: flag('follow'),
    previous: flag('previous'),
    timestamps: flag('timestamps'),
    since: sinceOf(query, now),
    tailLines: countOf(query, 'tailLines'),
    limitBytes: countOf(query, 'limitBytes'),
  };
}
