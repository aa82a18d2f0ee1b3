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
  /** Ends everything; resolves when no process is left. */
  stop(): Promise<void>;
}

export function createLifecycle(parent: AbortSignal): Lifecycle {
  const ended = new AbortController();
  const [tasks, programs, simulators]: [Promise<unknown>[], Stoppable[], Stoppable[]] = [[], [], []];
  const stopAll = async () => {
    await Promise.allSettled([...tasks, ...programs.map((program) => program.stop())]);
    await Promise.all(simulators.map((simulator) => simulator.stop()));
  };
  let stopping: Promise<void> | undefined;
  return {
    ...{ tasks, programs, simulators },
    signal: AbortSignal.any([parent, ended.signal]),
    stop: () => {
      ended.abort(new Error('the sandbox ends'));
      return (stopping ??= stopAll());
    },
  };
}
