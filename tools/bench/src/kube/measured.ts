import { type Clock, systemClock } from '@aad-pod-identity/runtime';
import { heapAfterGc, peakRss } from '../memory.ts';

/** What a client's process is told, as JSON in its first argument. */
export interface ClientSettings {
  readonly port: number;
  /** A folder with `ca.crt` and `token`, as in a pod. */
  readonly serviceAccountDir: string;
  readonly pods: number;
  readonly events: number;
}

/** What it reports. Times in milliseconds, memory in bytes. */
export interface ClientFigures {
  readonly listMs: number;
  readonly eventsMs: number;
  /** Processor time of the whole process meanwhile, in user code and in the kernel: what other work hardly changes. */
  readonly cpuMs: number;
  readonly heap: number;
  readonly peakRss: number;
  /** What the client believes at the end; both clients must agree. */
  readonly pods: number;
  readonly finished: number;
}

export interface Progress {
  /** The first list is complete. */
  readonly listed: () => void;
  /** One event has been applied. */
  readonly event: () => void;
}

export const settings = (): ClientSettings => JSON.parse(process.argv[2] ?? '{}') as ClientSettings;

/**
 * Runs a client until it has seen every event and sends its figures to the parent.
 * @param start begins to list and watch, and returns what the client then knows
 */
export async function measure(
  events: number,
  start: (progress: Progress) => () => { pods: number; finished: number },
  clock: Clock = systemClock,
): Promise<void> {
  const finished = Promise.withResolvers<undefined>();
  let left = events;
  let listedAt = Infinity;
  const startedAt = clock.monotonic();
  const cpuBefore = process.cpuUsage();
  const state = start({
    listed: () => {
      listedAt = Math.min(listedAt, clock.monotonic());
    },
    event: () => {
      left -= 1;
      if (left === 0) finished.resolve(undefined);
    },
  });
  await finished.promise;
  const endedAt = clock.monotonic();
  const cpu = process.cpuUsage(cpuBefore);
  const peak = peakRss();
  const figures: ClientFigures = {
    listMs: listedAt - startedAt,
    eventsMs: endedAt - listedAt,
    cpuMs: (cpu.user + cpu.system) / 1000,
    ...{ heap: heapAfterGc(), peakRss: peak },
    ...state(),
  };
  process.send?.(figures);
}
