import { Counter, collectDefaultMetrics, Gauge, Histogram, type MetricConfiguration, Registry } from 'prom-client';
import { eventLoopMetrics, NEVER_MS } from './event-loop.ts';

export interface MetricOptions<L extends string> {
  /** Without the prefix. */
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly L[];
}

/** One series of a gauge. */
export interface Sample<L extends string> {
  readonly labels: Readonly<Record<L, string>>;
  readonly value: number;
}

export interface Metrics {
  readonly registry: Registry;
  counter<L extends string = never>(options: MetricOptions<L>): Counter<L>;
  /** `collect` is asked at each scrape: for the value, or for that of each series there is then. */
  gauge<L extends string = never>(
    options: MetricOptions<L> & { readonly collect?: () => number | readonly Sample<L>[] },
  ): Gauge<L>;
  /** `buckets` in the unit of the metric, ascending. */
  histogram<L extends string = never>(
    options: MetricOptions<L> & { readonly buckets: readonly number[] },
  ): Histogram<L>;
  /** The text of `/metrics`. */
  render(): Promise<string>;
  /** Its content type. */
  readonly contentType: string;
}

export interface MetricsOptions {
  readonly prefix?: string;
  /** Process and runtime metrics (memory, CPU, event loop), under their usual names without the prefix; default true. */
  readonly processMetrics?: boolean;
}

export function createMetrics(options: MetricsOptions = {}): Metrics {
  const { prefix = 'aadpodidentity_', processMetrics = true } = options;
  const registry = new Registry();
  if (processMetrics) {
    collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: NEVER_MS });
    eventLoopMetrics(registry);
  }
  const configuration = <L extends string>(metric: MetricOptions<L>): MetricConfiguration<L> => ({
    name: prefix + metric.name,
    help: metric.help,
    labelNames: metric.labels ?? [],
    registers: [registry],
  });
  return {
    registry,
    counter: (metric) => new Counter(configuration(metric)),
    gauge: (metric) => {
      const { collect } = metric;
      return new Gauge({
        ...configuration(metric),
        ...(collect === undefined
          ? {}
          : {
              collect() {
                const found = collect();
                if (typeof found === 'number') this.set(found);
                else {
                  this.reset();
                  for (const { labels, value } of found) this.set({ ...labels }, value);
                }
              },
            }),
      });
    },
    histogram: (metric) => new Histogram({ ...configuration(metric), buckets: [...metric.buckets] }),
    render: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
