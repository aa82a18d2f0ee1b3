import { median, table } from '../table.ts';
import type { ClientFigures } from './measured.ts';

const MIB = 2 ** 20;

interface Row {
  readonly title: string;
  readonly value: (figures: ClientFigures) => number;
  readonly digits: number;
  /** More is better; otherwise less is. */
  readonly rate?: boolean;
}

const rows = (events: number): readonly Row[] => [
  { title: 'list, s', value: ({ listMs }) => listMs / 1000, digits: 2 },
  { title: 'events, s', value: ({ eventsMs }) => eventsMs / 1000, digits: 2 },
  { title: 'both, s', value: ({ listMs, eventsMs }) => (listMs + eventsMs) / 1000, digits: 2 },
  { title: 'processor, s', value: ({ cpuMs }) => cpuMs / 1000, digits: 2 },
  { title: 'events/s', value: ({ eventsMs }) => (events / eventsMs) * 1000, digits: 0, rate: true },
  { title: 'heap after, MB', value: ({ heap }) => heap / MIB, digits: 1 },
  { title: 'peak RSS, MB', value: ({ peakRss }) => peakRss / MIB, digits: 0 },
];

/** @throws when the clients do not agree on what the cluster is like at the end: then no figure means anything. */
function checkAgreement(all: readonly ClientFigures[]): void {
  const ends = new Set(all.map(({ pods, finished }) => `${pods} pods, ${finished} of them finished`));
  if (ends.size > 1) throw new Error(`the clients disagree at the end: ${[...ends].join('; ')}`);
}

/** A line for each kind of figure, a column for each client, and how many times better the first is. */
export function comparison(figures: Readonly<Record<string, readonly ClientFigures[]>>, events: number): string {
  checkAgreement(Object.values(figures).flat());
  const names = Object.keys(figures);
  const lines = rows(events).map(({ title, value, digits, rate = false }) => {
    const medians = names.map((name) => median((figures[name] ?? []).map(value)));
    const [first = NaN, second = NaN] = medians;
    const times = rate ? first / second : second / first;
    return [title, ...medians.map((each) => each.toFixed(digits)), `${times.toFixed(1)}x`];
  });
  return table(['', ...names, 'better'], lines);
}
