// eslint-disable-next-line no-restricted-imports -- no clock: it tells nothing but how late the loop comes round
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Gauge, type Registry } from 'prom-client';

/**
 * How often the event loop is looked at. prom-client's own way is every 10 ms, 0.6 % of a core in each idle program
 * (docs/performance.md), and a delay that matters is found by this as well.
 */
const LOOK_MS = 100;
/** As good as never: for prom-client's own looks. */
export const NEVER_MS = 2 ** 31 - 1;

type Delays = ReturnType<typeof monitorEventLoopDelay>;

/** Node gives what passed between two looks, in nanoseconds. */
const beyondLook = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e9 - LOOK_MS / 1000);

const MEASURES: readonly (readonly [which: string, help: string, seconds: (delays: Delays) => number])[] = [
  ['min', 'Least delay of the event loop since the last scrape.', ({ min }) => beyondLook(min)],
  ['max', 'Greatest delay of the event loop since the last scrape.', ({ max }) => beyondLook(max)],
  ['mean', 'Mean delay of the event loop since the last scrape.', ({ mean }) => beyondLook(mean)],
  ['stddev', 'Deviation of the delays of the event loop since the last scrape.', ({ stddev }) => stddev / 1e9],
  ...[50, 90, 99].map(
    (percent) =>
      [
        `p${percent}`,
        `Delay of the event loop that ${percent} % stayed below since the last scrape.`,
        (delays: Delays) => beyondLook(delays.percentile(percent)),
      ] as const,
  ),
];

/** The delays of the event loop, in place of prom-client's metrics of the same names. */
export function eventLoopMetrics(registry: Registry): void {
  const delays = monitorEventLoopDelay({ resolution: LOOK_MS });
  delays.enable();
  // The registry asks in the order of registration: the first sets all, so that all are of the same time.
  const collect = (): void => {
    for (const { gauge, seconds } of gauges) gauge.set(delays.count === 0 ? 0 : seconds(delays));
    delays.reset();
  };
  const gauges = MEASURES.map(([which, help, seconds], nth) => {
    const name = `nodejs_eventloop_lag_${which}_seconds`;
    registry.removeSingleMetric(name);
    const first = nth === 0 ? { collect } : {};
    return { gauge: new Gauge({ name, help, registers: [registry], ...first }), seconds };
  });
}
