import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import type { Panel } from './dashboards.ts';
import type { Range, Series } from './prometheus.ts';

/** A panel with what its queries came to. */
export interface Drawn {
  readonly panel: Panel;
  readonly range: Pick<Range, 'fromS' | 'toS'>;
  readonly series: readonly NamedSeries[];
}

export interface NamedSeries extends Series {
  /** Its legend, with the values of its labels. */
  readonly name: string;
}

export const nameOf = (legend: string, labels: Series['labels']): string =>
  legend.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => labels[label] ?? '').trim();

/** Grafana's unit -> what stands at the axis, how many of Prometheus' are one of it, and d3's format. */
const UNITS: Readonly<Record<string, readonly [title: string, divisor: number, format: string]>> = {
  s: ['s', 1, '.3~r'],
  reqps: ['a second', 1, '.3~r'],
  ops: ['a second', 1, '.3~r'],
  bytes: ['MiB', 2 ** 20, '.3~r'],
  percentunit: ['%', 0.01, '.3~r'],
  short: ['', 1, '.3~r'],
};
const SIZE = { width: 330, height: 120 };
const COLOUR = { field: 'series', type: 'nominal', sort: null } as const;
const LEGEND = { orient: 'bottom', title: null, columns: 3, labelLimit: 280 } as const;

interface Point {
  /** Seconds since the beginning. */
  readonly t: number;
  readonly series: string;
  readonly value: number | null;
}

/** Where a series has no value its line ends, unless others stand on it. */
function pointsOf({ panel: { kind, unit }, series, range: { fromS } }: Drawn): Point[] {
  const divisor = UNITS[unit]?.[1] ?? 1;
  const times = [...new Set(series.flatMap(({ points }) => points.map(([at]) => at)))].sort((a, b) => a - b);
  const missing = kind === 'stacked' ? 0 : null;
  return series.flatMap(({ name, points }) => {
    const values = new Map(points.filter(([, value]) => Number.isFinite(value)));
    return times.map((at) => {
      const value = values.get(at);
      return { t: at - fromS, series: name, value: value === undefined ? missing : value / divisor };
    });
  });
}

const MARKS = {
  lines: { type: 'line', strokeWidth: 1.5, strokeCap: 'round' },
  stacked: { type: 'area', opacity: 0.6 },
} as const;

function overTime(drawn: Drawn, kind: keyof typeof MARKS): object {
  const scale = { domain: [0, drawn.range.toS - drawn.range.fromS], nice: false };
  const [title, , format] = UNITS[drawn.panel.unit] ?? ['', 1, '.3~r'];
  return {
    ...{ ...SIZE, mark: MARKS[kind], data: { values: pointsOf(drawn) } },
    encoding: {
      x: { field: 't', type: 'quantitative', scale, axis: { title: 'seconds', tickCount: 6, grid: false } },
      y: {
        ...{ field: 'value', type: 'quantitative', stack: kind === 'stacked' ? 'zero' : null },
        axis: { title: title || null, tickCount: 4, format },
      },
      color: { ...COLOUR, legend: { ...LEGEND, symbolType: kind === 'stacked' ? 'square' : 'stroke' } },
    },
  };
}

function asBars({ series }: Drawn): object {
  const values = series.map(({ name, points }) => ({ series: name, value: Math.round(points.at(-1)?.[1] ?? 0) }));
  values.sort((a, b) => b.value - a.value);
  const y = { field: 'series', type: 'nominal', sort: null, axis: { title: null, labelLimit: 160 } };
  const x = { field: 'value', type: 'quantitative', axis: { title: null, tickCount: 4 } };
  return {
    ...{ ...SIZE, data: { values } },
    layer: [
      { mark: { type: 'bar' }, encoding: { y, x } },
      {
        mark: { type: 'text', align: 'left', dx: 3 },
        encoding: { y, x, text: { field: 'value', type: 'quantitative' } },
      },
    ],
  };
}

const pictureOf = (drawn: Drawn): object => ({
  title: { text: drawn.panel.title, anchor: 'start' },
  ...(drawn.panel.kind === 'bars' ? asBars(drawn) : overTime(drawn, drawn.panel.kind)),
});

/** Tenths of a point are finer than anybody sees. */
const rounded = (svg: string): string =>
  svg.replaceAll(/ (?:d|transform)="[^"]*"/g, (attribute) => attribute.replaceAll(/(\d+\.\d)\d+/g, '$1'));

/** What Vega says of each mark again and again, though it is the default, or nobody sees it. */
const NOISE = [
  / (?:class|role|aria-[a-z]+|pointer-events)="[^"]*"/g,
  / (?:opacity|stroke-width)="1"/g,
  / font-family="sans-serif"| font-size="10px"| fill="#000"/g,
  /<path d="[^"]*" display="none"\/>|<path d="M0,0h0v0h0Z"\/>/g,
  / transform="translate\(0,0\)"/g,
];

/** Half of it, and it looks the same. */
const slim = (svg: string): string =>
  NOISE.reduce((text, noise) => text.replaceAll(noise, ''), rounded(svg)).replace(
    />/,
    ' font-family="sans-serif" font-size="10px"><style>text{fill:#000}</style>',
  );

/** Draws panels side by side, as SVG. */
export async function draw(panels: readonly Drawn[]): Promise<string> {
  const spec = {
    ...{ concat: panels.map(pictureOf), columns: 2, background: 'white', padding: 8 },
    resolve: { scale: { color: 'independent' } },
    config: { aria: false, view: { stroke: '#ddd' } },
  } as unknown as TopLevelSpec;
  const view = new View(parse(compile(spec).spec), { renderer: 'none' });
  return `${slim(await view.toSVG())}\n`;
}
