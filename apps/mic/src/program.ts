import { runTasks } from '@aad-pod-identity/runtime';
import { startHttpEndpoints } from '@aad-pod-identity/telemetry';
import { type Parts, type ProgramOptions, wire } from './wiring.ts';

async function startEndpoints({ flags }: ProgramOptions, { elector, metrics }: Parts) {
  const healthz = () => ({ status: 200, body: elector.isLeader() ? 'Active' : 'Not Active' });
  const metricsText = async () => ({ status: 200, contentType: metrics.contentType, body: await metrics.render() });
  const health = await startHttpEndpoints({ port: flags['http-probe-port'], routes: { '/healthz': healthz } });
  try {
    const routes = { '/metrics': metricsText };
    return [health, await startHttpEndpoints({ port: flags['prometheus-port'], routes })] as const;
  } catch (error) {
    await health.close();
    throw error;
  }
}

/** MIC from its flags to its end. */
export async function runMic(options: ProgramOptions): Promise<void> {
  const { signal, clock, logger } = options;
  const parts = await wire(options);
  try {
    const [health, metrics] = await startEndpoints(options, parts);
    logger.info('started', { healthPort: health.port, metricsPort: metrics.port });
    const watches = Object.entries(parts.reflectors).map(
      ([name, reflector]) => [name, (until: AbortSignal) => reflector.run(until)] as const,
    );
    try {
      const elector = (until: AbortSignal): Promise<void> => parts.elector.run(until);
      await runTasks(
        {
          ...Object.fromEntries(watches),
          ...{ elector, cloudConfig: parts.watchCloudConfig, deployment: parts.deployment.run },
        },
        { signal, clock },
      );
    } finally {
      await Promise.all([health.close(), metrics.close()]);
    }
  } finally {
    await parts.close();
  }
}
