/** Expressions that most panels are made of. `$__rate_interval` is Grafana's: four scrapes at least. */
const WINDOW = '$__rate_interval';

export const PREFIX = 'aadpodidentity_';

/** What a metric is called, and which of its series are meant: `nmi_operations{status_code="200"}`, without the prefix. */
type Selector = string;

const by = (labels: readonly string[]): string => (labels.length === 0 ? '' : ` by (${labels.join(', ')}) `);

/** A name with a suffix before its selector. */
function suffixed(selector: Selector, suffix: string): string {
  const [, name = '', braces = ''] = /^(\w+)(.*)$/.exec(selector) ?? [];
  return `${PREFIX}${name}${suffix}${braces}`;
}

export const sum = (selector: Selector, ...labels: readonly string[]): string =>
  `sum${by(labels)}(${suffixed(selector, '')})`;

export const max = (selector: Selector, ...labels: readonly string[]): string =>
  `max${by(labels)}(${suffixed(selector, '')})`;

/** How often a second. */
export const rate = (selector: Selector, ...labels: readonly string[]): string =>
  `sum${by(labels)}(rate(${suffixed(selector, '')}[${WINDOW}]))`;

/** How often since the point before. */
export const increase = (selector: Selector, ...labels: readonly string[]): string =>
  `sum${by(labels)}(increase(${suffixed(selector, '')}[${WINDOW}]))`;

/** How often in all that is looked at. */
export const total = (selector: Selector, ...labels: readonly string[]): string =>
  `sum${by(labels)}(increase(${suffixed(selector, '')}[$__range]))`;

/** A quantile of a histogram. */
export const quantile = (share: number, selector: Selector, labels: readonly string[] = [], window = WINDOW): string =>
  `histogram_quantile(${share}, sum by (${['le', ...labels].join(', ')}) (rate(${suffixed(selector, '_bucket')}[${window}])))`;

/** `50 %`, `95 %` and `99 %` of a histogram. */
export const percentiles = (selector: Selector): Readonly<Record<string, string>> =>
  Object.fromEntries([0.5, 0.95, 0.99].map((share) => [`${share * 100} %`, quantile(share, selector)]));

/** A metric of the process of whoever has `owner`, by instance: many programs have metrics of this name. */
export const ofProcess = (expression: string, owner: Selector): string =>
  `${expression} and on (job, instance) ${PREFIX}${owner}`;
