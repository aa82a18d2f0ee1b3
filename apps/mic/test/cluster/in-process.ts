import { type Clock, parseFlags, systemClock } from '@aad-pod-identity/runtime';
import { trustRunCa } from '@aad-pod-identity/testing';
import { createLogger, silentLogger } from '@aad-pod-identity/telemetry';
import { FLAGS } from '../../src/flags.ts';
import { runMic } from '../../src/program.ts';
import { ca, type TestCluster } from './cluster.ts';

trustRunCa(ca);

export interface RunningMic {
  stop(): Promise<void>;
}

/** The program as `main.ts` runs it, in this process. With LOG=1 in the environment its log is shown. */
export function startMic(cluster: TestCluster, args: readonly string[] = [], clock: Clock = systemClock): RunningMic {
  const controller = new AbortController();
  const flags = parseFlags(FLAGS, [...cluster.args, ...args], {});
  const show = process.env.LOG === '1';
  const logger = show ? createLogger({ name: 'mic', format: 'text', verbosity: 1 }) : silentLogger;
  const ended = runMic({ flags, env: cluster.env, clock, logger, signal: controller.signal });
  return {
    stop: async () => {
      controller.abort(Object.assign(new Error('the test is over'), { name: 'AbortError' }));
      await ended;
    },
  };
}
