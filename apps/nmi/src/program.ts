import { once } from 'node:events';
import { listen, runTasks, type Task } from '@aad-pod-identity/runtime';
import { startEndpoints } from './endpoints.ts';
import type { Flags } from './flags.ts';
import type { Logger } from '@aad-pod-identity/telemetry';
import { refuseKubenet } from './preflight.ts';
import type { Redirection } from './redirection/keeper.ts';
import { listenerProbe } from './readiness.ts';
import { stopServer } from './serving/stop-server.ts';
import { systemSocketTables, whenSucceeded } from './serving/successor.ts';
import { type Parts, type ProgramOptions, wire } from './wiring.ts';

/** Silence of a watch that makes NMI not ready. Bookmarks come every minute. */
const STALE_MS = 180_000;
/** How long the next one may take to listen: longer than its program takes to start. */
const SUCCESSOR_MS = 3_000;
/** The kubelet kills 30 s after SIGTERM. */
const STOP_TIMES = { idleMs: 5_000, graceMs: 20_000 };

/** An iptables that fails must not keep NMI from stopping; without the rule a connection of that moment may be lost. */
async function holdOrNot({ hold }: Redirection, logger: Logger): Promise<() => Promise<void>> {
  const tolerant = (err: unknown) => {
    logger.warn('new connections could not be held while the listener closes', { err });
  };
  try {
    const release = await hold();
    return () => release().catch(tolerant);
  } catch (err) {
    tolerant(err);
    return () => Promise.resolve();
  }
}

/** The tasks of NMI. Watches and rules outlive the listener, because the requests that it still answers need them. */
function tasksOf(
  { server: { server, closeAfterAnswers }, watches, redirection, ownDaemonSet, tasks }: Parts,
  { clock, logger }: ProgramOptions,
  /** Where it listens. */
  port: number,
): Record<string, Task> {
  const background = new AbortController();
  const whileListening = Object.entries({
    ...tasks,
    ...watches.tasks,
    redirection: redirection.run,
    ownDaemonSet: ownDaemonSet.run,
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
      if (ownDaemonSet.surges()) await whenSucceeded(port, SUCCESSOR_MS, clock, systemSocketTables);
      const hold = () => holdOrNot(redirection, logger);
      await stopServer(server, { closeAfterAnswers, hold }, STOP_TIMES, clock);
      background.abort(signal.reason);
    },
  };
}

/** Health and metrics, until the stop begins: the NMI after us waits for their ports. */
function endpointsTask(parts: Parts, { flags, clock, logger }: ProgramOptions): Task {
  const { server, watches, redirection, metrics } = parts;
  const readiness = {
    rulesInPlace: redirection.inPlace,
    redirectionProblem: redirection.problem,
    staleWatches: () => watches.stale(STALE_MS),
    listenerAnswers: listenerProbe(server.server),
  };
  return async (signal) => {
    const onWait = (why: string): void => {
      logger.info('waiting for the NMI before this one to end', { why });
    };
    const { healthPort, metricsPort, close } = await startEndpoints(flags, readiness, metrics, {
      clock,
      signal,
      onWait,
    });
    logger.info('listening for health and metrics', { healthPort, metricsPort });
    if (!signal.aborted) await once(signal, 'abort');
    await close();
  };
}

/** Both NMIs of a rollout listen at the same time, here and nowhere else; one of 1.8.17 does not share its port. */
async function listenForPods({ server }: Parts['server'], flags: Flags): Promise<number> {
  const at = { host: flags['nmi-listen-address'], port: flags['nmi-port'], reusePort: true };
  try {
    return await listen(server, at);
  } catch (cause) {
    const { message, code } = cause as NodeJS.ErrnoException;
    if (code !== 'EADDRINUSE') throw cause;
    throw new Error(`${message}; if it is an NMI 1.8.17, delete its pod, and this one takes over`, { cause });
  }
}

/** NMI from its flags to its end. */
export async function runNmi(options: ProgramOptions): Promise<void> {
  const { flags, logger, clock, signal } = options;
  await refuseKubenet(flags, logger);
  const parts = await wire(options);
  try {
    const { 'nmi-listen-address': address, 'operation-mode': mode, node } = flags;
    const port = await listenForPods(parts.server, flags);
    logger.info('listening for token requests', { address, port, node, mode });
    await runTasks({ ...tasksOf(parts, options, port), endpoints: endpointsTask(parts, options) }, { signal, clock });
  } finally {
    await parts.close();
  }
}
