import { once } from 'node:events';
import { listen, runTasks, type Task } from '@aad-pod-identity/runtime';
import { startEndpoints } from './endpoints.ts';
import { refuseKubenet } from './preflight.ts';
import { listenerProbe } from './readiness.ts';
import { stopServer } from './stop-server.ts';
import { type Parts, type ProgramOptions, wire } from './wiring.ts';

/** Silence of a watch that makes NMI not ready. Bookmarks come every minute. */
const STALE_MS = 180_000;
/** What requests under way may take after SIGTERM; the kubelet kills after 30 s. */
const STOP_GRACE_MS = 20_000;

/** The tasks of NMI. Watches and rules outlive the listener, because the requests that it still answers need them. */
function tasksOf(
  { server, watches, redirection, uninstallMarker }: Parts,
  { clock, logger }: ProgramOptions,
): Record<string, Task> {
  const background = new AbortController();
  const whileListening = Object.entries({
    ...watches.tasks,
    redirection: redirection.run,
    uninstallMarker: uninstallMarker.run,
  }).map(([name, run]): [string, Task] => [name, () => run(background.signal)]);
  return {
    ...Object.fromEntries(whileListening),
    firstSync: async (signal) => {
      await watches.whenSynced(signal);
      logger.info('the pods of this node and their identities are known');
    },
    listener: async (signal) => {
      if (!signal.aborted) await once(signal, 'abort');
      logger.info('stopping; the redirection rules stay');
      await stopServer(server, STOP_GRACE_MS, clock);
      background.abort(signal.reason);
    },
  };
}

/** NMI from its flags to its end. */
export async function runNmi(options: ProgramOptions): Promise<void> {
  const { flags, logger, clock, signal } = options;
  await refuseKubenet(flags, logger);
  const parts = await wire(options);
  const { server, watches, redirection, metrics } = parts;
  const readiness = {
    rulesInPlace: redirection.inPlace,
    redirectionProblem: redirection.problem,
    staleWatches: () => watches.stale(STALE_MS),
    listenerAnswers: listenerProbe(server),
  };
  const endpoints = await startEndpoints(flags, readiness, metrics);
  try {
    const port = await listen(server, { host: flags['nmi-listen-address'], port: flags['nmi-port'] });
    const { 'nmi-listen-address': address, 'operation-mode': mode, node } = flags;
    const { healthPort, metricsPort } = endpoints;
    logger.info('listening for token requests', { address, port, healthPort, metricsPort, node, mode });
    await runTasks(tasksOf(parts, options), { signal, clock });
  } finally {
    await Promise.all([endpoints.close(), parts.close()]);
  }
}
