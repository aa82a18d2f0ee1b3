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
});
