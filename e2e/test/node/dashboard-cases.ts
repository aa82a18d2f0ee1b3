/** The dashboards of the chart, against a Prometheus: every query must return data, and each row is drawn from it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@aad-pod-identity/runtime';
import { filledIn, type Panel, panelsOf, type Query } from '../../src/dashboards.ts';
import { until } from '../../src/node-cluster.ts';
import { draw, type Drawn, nameOf, type NamedSeries } from '../../src/pictures.ts';
import type { Prometheus, Range } from '../../src/prometheus.ts';

const IMAGES = join(import.meta.dirname, '../../../docs/images/dashboards');

/** Where what is looked at begins, Unix time in milliseconds, and who has scraped it. */
export interface Watched {
  readonly prometheus: Prometheus;
  readonly sinceMs: number;
}

/** From when Prometheus started until now. */
const rangeOf = ({ sinceMs }: Watched): Range => ({
  ...{ fromS: Math.floor(sinceMs / 1000), toS: Math.floor(systemClock.now() / 1000), stepS: 2 },
});

/** What a panel draws of a query: its points, or the last of them. */
async function dataOf(
  { prometheus }: Watched,
  kind: Panel['kind'],
  query: Query,
  range: Range,
): Promise<NamedSeries[]> {
  const expression = filledIn(query.expression, range.toS - range.fromS);
  const found = await prometheus.range(expression, kind === 'bars' ? { ...range, fromS: range.toS } : range);
  return found.map((series) => ({ ...series, name: nameOf(query.legend, series.labels) }));
}

/** MIC works on more scale sets at once than the node has, so that none of them waits. */
const NOTHING_WAITS: ReadonlySet<string> = new Set(['Waiting']);

const isThere = ({ points }: NamedSeries): boolean => points.some(([, value]) => Number.isFinite(value));
/** A line along the bottom could as well be that of a query that asks for the wrong thing. */
const moves = ({ points }: NamedSeries): boolean => points.some(([, value]) => Number.isFinite(value) && value !== 0);

const isData = (title: string): ((series: NamedSeries) => boolean) => (NOTHING_WAITS.has(title) ? isThere : moves);

async function drawn(watched: Watched, panel: Panel): Promise<Drawn> {
  const range = rangeOf(watched);
  const series = await Promise.all(panel.queries.map((query) => dataOf(watched, panel.kind, query, range)));
  return { panel, range, series: series.flat().filter(isData(panel.title)) };
}

const fileOf = (component: string, row: string): string =>
  `${component}-${row.toLowerCase().replaceAll(/\W+/g, '-')}.svg`;

/** `E2E_PICTURES=update` puts the pictures into the docs. */
export function dashboardCases(watched: () => Watched): void {
  describe.each(['nmi', 'mic'] as const)('the dashboard of %s', (component) => {
    const panels = panelsOf(component);
    const queries = panels.flatMap((panel) => panel.queries.map((query) => [panel.title, query, panel.kind] as const));
    const rows = [...new Set(panels.map(({ row }) => row))];

    it.each(queries.map(([title, query, kind]) => [title, query.expression, query, kind] as const))(
      'has data under “%s”: %s',
      (title, _, query, kind) =>
        until(async () => (await dataOf(watched(), kind, query, rangeOf(watched()))).some(isData(title))),
    );

    it.each(rows)('can be drawn: %s', async (row) => {
      const inRow = panels.filter((panel) => panel.row === row);
      const svg = await draw(await Promise.all(inRow.map((panel) => drawn(watched(), panel))));
      for (const { title } of inRow) expect(svg).toContain(`>${title}<`);
      expect(svg).not.toMatch(/NaN|undefined/);
      if (process.env.E2E_PICTURES !== 'update') return;
      mkdirSync(IMAGES, { recursive: true });
      writeFileSync(join(IMAGES, fileOf(component, row)), svg);
    });
  });
}
