/** What dashboards ask for, against the page of metrics, which tests of the programs check. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createMetrics } from '@aad-pod-identity/telemetry';
import { dashboardDocs, dashboardFiles } from '../src/dashboards/files.ts';
import { pictureOf } from '../src/dashboards/page.ts';
import { differences } from '../src/files.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly datasource?: { readonly uid: string };
  readonly targets?: readonly { readonly refId: string; readonly expr: string; readonly legendFormat: string }[];
}
interface Dashboard {
  readonly uid: string;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: string }[] };
}

/** Metric -> its type and labels, as the page says. */
const METRICS: ReadonlyMap<string, { readonly type: string; readonly labels: readonly string[] }> = new Map(
  [
    ...readFileSync(`${ROOT}/docs/metrics.md`, 'utf8').matchAll(/^\| `(aadpodidentity_\w+)` *\| (\w+) *\|([^|]*)\|/gm),
  ].map(([, name = '', type = '', labels = '']) => [
    name,
    { type, labels: [...labels.matchAll(/\w+/g)].map(([label]) => label) },
  ]),
);
const RUNTIME = createMetrics()
  .registry.getMetricsAsArray()
  .map(({ name }) => name);
/** Of every series that was scraped. */
const OF_TARGET = ['instance', 'job'];

/** The metric that a series is of. */
function metricOf(series: string): string {
  const histogram = series.replace(/_(bucket|count|sum)$/, '');
  return METRICS.get(histogram)?.type === 'histogram' ? histogram : series;
}
const seriesIn = (expression: string): string[] => expression.match(/(aadpodidentity|process|nodejs)_\w+/g) ?? [];

/** Labels that an expression selects or groups by. */
function labelsIn(expression: string): string[] {
  const selected = [...expression.matchAll(/(\w+)(?:=~|!=|=)"/g)].map(([, label = '']) => label);
  const grouped = [...expression.matchAll(/(?:by|on) \(([^)]*)\)/g)].flatMap(([, labels = '']) => labels.split(', '));
  return [...selected, ...grouped];
}

const dashboards = [...dashboardFiles()].map(([path, text]) => [path, JSON.parse(text) as Dashboard] as const);
const panels = dashboards.flatMap(([path, { panels: all }]) =>
  all
    .filter(({ type }) => type !== 'row')
    .map((panel) => [`${path.split('/').at(-1) ?? ''}: ${panel.title}`, panel] as const),
);

it('the committed dashboards, and the page about them, are what their declaration says', async () => {
  expect(await differences(ROOT, new Map([...dashboardFiles(), ...dashboardDocs()]))).toEqual([]);
});

describe.each(panels)('%s', (_, { description = '', datasource, targets = [] }) => {
  it('says what it shows, of the Prometheus that is chosen', () => {
    expect(description).toMatch(/\.$/);
    expect(datasource?.uid).toBe('${datasource}');
    expect(targets.length).toBeGreaterThan(0);
  });

  it.each(targets.map(({ expr, legendFormat }) => [expr, legendFormat] as const))('%s', (expression, legend) => {
    const series = seriesIn(expression);
    const labels = labelsIn(expression);
    const unknown = series.filter((name) => !METRICS.has(metricOf(name)) && !RUNTIME.includes(name));
    expect(unknown).toEqual([]);
    expect(series.filter((name) => METRICS.get(name)?.type === 'histogram')).toEqual([]);
    const known = series.flatMap((name) => METRICS.get(metricOf(name))?.labels ?? []);
    const buckets = series.some((name) => name.endsWith('_bucket')) ? ['le'] : [];
    expect(labels.filter((label) => ![...known, ...buckets, ...OF_TARGET].includes(label))).toEqual([]);
    // a label in a legend that the query has summed away would show as nothing
    const shown = [...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);
    const left = /by \(|\bsum|\bmax/.test(expression) ? labels : [...labels, ...OF_TARGET];
    expect(shown.filter((label) => !left.includes(label))).toEqual([]);
  });
});

describe.each(dashboards)('%s', (_, { panels: all, templating }) => {
  it('tells its panels apart', () => {
    for (const key of ['id', 'title'] as const) expect(new Set(all.map((panel) => panel[key])).size).toBe(all.length);
    for (const { targets = [] } of all) expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
  });

  it('has each variable that is asked for, and asks for each', () => {
    const text = JSON.stringify(all);
    const used = [...text.matchAll(/\$\{?([a-z]\w*)/g)].map(([, name]) => name);
    expect([...new Set(used)].sort()).toEqual(templating.list.map(({ name }) => name).sort());
  });

  it('offers values of labels that there are', () => {
    for (const { query } of templating.list) {
      const [, series = '', label = ''] = /^label_values\((\w+), (\w+)\)$/.exec(query) ?? [];
      if (query !== 'prometheus') expect(METRICS.get(metricOf(series))?.labels).toContain(label);
    }
  });
});

it('the two dashboards have addresses of their own', () => {
  expect(new Set(dashboards.map(([, { uid }]) => uid)).size).toBe(2);
});

describe('the pictures of docs/dashboards.md', () => {
  const pictures = dashboards.flatMap(([path, { panels: all }]) => {
    const component = path.replace(/.*\/(\w+)\.json/, '$1');
    let row = '';
    return all.flatMap(({ type, title }) => {
      if (type === 'row') row = title;
      return type === 'row' ? [] : [[`${component}: ${title}`, pictureOf(component, row)] as const];
    });
  });
  const read = (file: string): string => readFileSync(`${ROOT}/docs/${file}`, 'utf8');

  it.each(pictures)('show the panel %s', (panel, file) => {
    expect(read(file)).toContain(`>${panel.replace(/^\w+: /, '')}<`);
  });

  it('are no more than those, and small', () => {
    const files = [...new Set(pictures.map(([, file]) => file))];
    expect(readdirSync(`${ROOT}/docs/images/dashboards`).map((name) => `images/dashboards/${name}`)).toEqual(
      files.sort(),
    );
    expect(files.reduce((bytes, file) => bytes + read(file).length, 0)).toBeLessThan(300_000);
  });
});
