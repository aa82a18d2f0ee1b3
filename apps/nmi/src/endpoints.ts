import { type Metrics, startHttpEndpoints } from '@aad-pod-identity/telemetry';
import type { Flags } from './flags.ts';
import { healthz, type ReadinessOptions, readyz } from './readiness.ts';

export interface Endpoints {
  readonly healthPort: number;
  readonly metricsPort: number;
  readonly close: () => Promise<void>;
}

/** Health and metrics, on their own ports. @throws an Error that names a port that is taken */
export async function startEndpoints(flags: Flags, readiness: ReadinessOptions, metrics: Metrics): Promise<Endpoints> {
  const health = await startHttpEndpoints({
    port: flags['http-probe-port'],
    routes: { '/healthz': () => healthz(readiness), '/readyz': () => readyz(readiness) },
  });
  try {
    const scrape = await startHttpEndpoints({
      port: flags['prometheus-port'],
      routes: {
        '/metrics': async () => ({ status: 200, contentType: metrics.contentType, body: await metrics.render() }),
      },
    });
    return {
      healthPort: health.port,
      metricsPort: scrape.port,
      close: async () => {
        await Promise.all([health.close(), scrape.close()]);
      },
    };
  } catch (error) {
    await health.close();
    throw error;
  }
}
