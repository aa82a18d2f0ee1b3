import type { Clock } from '@aad-pod-identity/runtime';
import { type HttpEndpoints, type Metrics, startHttpEndpoints } from '@aad-pod-identity/telemetry';
import { askLocally } from './ask-locally.ts';
import type { Flags } from './flags.ts';
import { healthz, type ReadinessOptions, readyz } from './readiness.ts';

export interface Endpoints {
  readonly healthPort: number;
  readonly metricsPort: number;
  readonly close: () => Promise<void>;
}

const POLL_MS = 250;
const ASK_TIMEOUT_MS = 2_000;

const LEFT: ReadonlySet<unknown> = new Set(['ECONNREFUSED', 'ECONNRESET']);

/** Whether whoever listens on `port` of this node answers like `body`; `true` too if it left in the meantime. */
function answers(port: number, path: string, body: RegExp): Promise<boolean> {
  return askLocally({ host: '127.0.0.1', port, path, timeoutMs: ASK_TIMEOUT_MS }).then(
    (answer) => body.test(answer.body),
    (error: unknown) => LEFT.has((error as NodeJS.ErrnoException).code),
  );
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}

/** Starts `start` once the NMI before us has let go of its port. @throws when somebody else holds it */
async function whenFree(
  start: () => Promise<HttpEndpoints>,
  isHeldByNmi: () => Promise<boolean>,
  { clock, signal, onWait }: SurgeOptions,
): Promise<HttpEndpoints> {
  for (let tries = 0; ; tries++) {
    try {
      return await start();
    } catch (error) {
      if (!isTaken(error) || !(await isHeldByNmi())) throw error;
      if (tries === 0) onWait((error as Error).message);
      await clock.sleep(POLL_MS, signal);
    }
  }
}

export interface SurgeOptions {
  readonly clock: Clock;
  /** Ends the wait. */
  readonly signal: AbortSignal;
  /** Called once for a port that is waited for, with what is said about it. */
  readonly onWait: (why: string) => void;
}

/** Health and metrics, each on its own port. In a rollout the NMI before us may still hold them, which is waited for. */
export async function startEndpoints(
  flags: Flags,
  readiness: ReadinessOptions,
  metrics: Metrics,
  surge: SurgeOptions,
): Promise<Endpoints> {
  const { 'http-probe-port': healthPort, 'prometheus-port': metricsPort } = flags;
  const routes = { '/healthz': () => healthz(readiness), '/readyz': () => readyz(readiness) };
  const render = async () => ({ status: 200, contentType: metrics.contentType, body: await metrics.render() });
  const health = await whenFree(
    () => startHttpEndpoints({ port: healthPort, routes }),
    () => answers(healthPort, '/healthz', /^(?:Not )?Active$/),
    surge,
  );
  try {
    const scrape = await whenFree(
      () => startHttpEndpoints({ port: metricsPort, routes: { '/metrics': render } }),
      () => answers(metricsPort, '/metrics', /^aadpodidentity_nmi_/m),
      surge,
    );
    return {
      ...{ healthPort: health.port, metricsPort: scrape.port },
      close: async () => {
        await Promise.all([health.close(), scrape.close()]);
      },
    };
  } catch (error) {
    await health.close();
    throw error;
  }
}
