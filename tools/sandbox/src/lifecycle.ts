import { abortReason } from '@aad-pod-identity/runtime';

interface Stoppable {
  stop(): Promise<void>;
}

/** What a running sandbox consists of, and the one way to end it. */
export interface Lifecycle {
  /** Aborts when the sandbox is to end, for whatever reason. */
  readonly signal: AbortSignal;
  /** Work that ends with the signal. */
  readonly tasks: Promise<unknown>[];
  /** Programs, which go before what they talk to. */
  readonly programs: Stoppable[];
  readonly simulators: Stoppable[];
  /** Resolves when it is told to end; rejects with the reason when something fails that nothing goes on without. */
  readonly whenEnded: Promise<void>;
  /** Tells of such a failure; after the end it says nothing. */
  fail(reason: Error): void;
  /** Ends everything; resolves when no process is left. */
  stop(): Promise<void>;
}

export function createLifecycle(parent: AbortSignal): Lifecycle {
  const ended = new AbortController();
  const failed = new AbortController();
  const signal = AbortSignal.any([parent, ended.signal, failed.signal]);
  const [tasks, programs, simulators]: [Promise<unknown>[], Stoppable[], Stoppable[]] = [[], [], []];
  const stopAll = async () => {
    await Promise.allSettled([...tasks, ...programs.map((program) => program.stop())]);
    await Promise.all(simulators.map((simulator) => simulator.stop()));
  };
  let stopping: Promise<void> | undefined;
  return {
    ...{ tasks, programs, simulators },
    signal,
    whenEnded: endOf(signal, failed.signal),
    fail: (reason) => {
      if (!signal.aborted) failed.abort(reason);
    },
    stop: () => {
      ended.abort(new Error('the sandbox ends'));
      return (stopping ??= stopAll());
    },
  };
}

function endOf(signal: AbortSignal, failed: AbortSignal): Promise<void> {
  const ended = new Promise<void>((resolve, reject) => {
    const settle = () => {
      if (failed.aborted) reject(abortReason(failed));
      else resolve();
    };
    if (signal.aborted) settle();
    else signal.addEventListener('abort', settle, { once: true });
  });
  // whoever waits hears of it; nobody has to
  ended.catch(() => undefined);
  return ended;
}
