import { systemClock } from '@aad-pod-identity/runtime';
import { createMetrics } from '../src/index.ts';

describe('createMetrics', () => {
  it('renders counters, gauges and histograms with the prefix', async () => {
    const metrics = createMetrics({ processMetrics: false });
    metrics
      .counter({ name: 'errors_count', help: 'Errors.', labels: ['operation_type'] })
      .inc({ operation_type: 'get' });
    metrics.histogram({ name: 'seconds', help: 'Time.', buckets: [0.5, 1] }).observe(0.7);
    let depth = 1;
    metrics.gauge({ name: 'depth', help: 'Depth.', collect: () => depth });
    depth = 7;
    const text = await metrics.render();
    expect(text).toContain('aadpodidentity_errors_count{operation_type="get"} 1\n');
    expect(text).toContain('aadpodidentity_seconds_bucket{le="0.5"} 0\naadpodidentity_seconds_bucket{le="1"} 1\n');
    expect(text).toContain('aadpodidentity_depth 7\n');
  });

  it('asks a gauge with labels for its series at each scrape: those that are gone are not shown', async () => {
    const metrics = createMetrics({ processMetrics: false });
    let series = [
      { labels: { queue: 'a' }, value: 1 },
      { labels: { queue: 'b' }, value: 2 },
    ];
    metrics.gauge({ name: 'depth', help: 'Depth.', labels: ['queue'], collect: () => series });
    expect(await metrics.render()).toContain('depth{queue="a"} 1\naadpodidentity_depth{queue="b"} 2\n');
    series = [{ labels: { queue: 'b' }, value: 3 }];
    expect(await metrics.render()).toMatch(/gauge\naadpodidentity_depth\{queue="b"\} 3\n/);
  });

  it('includes the process under its usual names', async () => {
    const text = await createMetrics().render();
    expect(text).toContain('\nprocess_resident_memory_bytes ');
  });

  const LAG = /^nodejs_eventloop_lag_(\w+)_seconds (\S+)$/gm;
  const lags = (text: string) => [...text.matchAll(LAG)].map(([, which = '', seconds]) => [which, Number(seconds)]);

  it('tells how long the event loop was held up since the last scrape', async () => {
    const metrics = createMetrics();
    await systemClock.sleep(250);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
    await systemClock.sleep(250);
    const seen = lags(await metrics.render());
    expect(seen.map(([which]) => which)).toEqual(['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99']);
    expect(new Map(seen as [string, number][]).get('max')).toBeGreaterThan(0.2);
    expect(lags(await metrics.render()).map(([, seconds]) => seconds)).toEqual(seen.map(() => 0));
  });
});
