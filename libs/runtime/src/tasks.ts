import type { Clock } from './clock.ts';

export type Task = (signal: AbortSignal) => Promise<void>;

export interface RunTasksOptions {
  /** Stops all tasks when it aborts. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** How long tasks may take to stop, in milliseconds; then the wait for them ends with an error that names them. */
  readonly graceMs?: number;
}

/** Whether `error` only says that the work was told to stop. */
function isAbort(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted && (error === signal.reason || (error instanceof Error && error.name === 'AbortError'));
}

/**
 * Runs long-running tasks that share one cancellation. The first that fails stops all the others; it is waited for all.
 * @throws the first failure; nothing when the tasks end or are told to stop
 */
export async function runTasks(tasks: Readonly<Record<string, Task>>, options: RunTasksOptions): Promise<void> {
  const controller = new AbortController();
  const signal = AbortSignal.any([controller.signal, options.signal]);
  const running = new Set(Object.keys(tasks));
  const failures: unknown[] = [];
  const all = Object.entries(tasks).map(async ([name, task]) => {
    try {
      await task(signal);
    } catch (error) {
      if (!isAbort(error, signal)) failures.push(error);
      controller.abort(error);
    } finally {
      running.delete(name);
    }
  });
  await settleWithin(all, signal, options, () => [...running]);
  if (failures.length > 0) throw failures[0];
}

async function settleWithin(
  all: readonly Promise<void>[],
  signal: AbortSignal,
  { clock, graceMs = 30_000 }: RunTasksOptions,
  running: () => readonly string[],
): Promise<void> {
  let cancel = (): void => undefined;
  const late = new Promise<void>((_, reject) => {
    const startGrace = (): void => {
      cancel = clock.schedule(graceMs, () => {
        reject(new Error(`still running ${graceMs} ms after being told to stop: ${running().join(', ')}`));
      });
    };
    if (signal.aborted) startGrace();
    else signal.addEventListener('abort', startGrace, { once: true });
  });
  try {
    await Promise.race([Promise.all(all), late]);
  } finally {
    cancel();
  }
}
