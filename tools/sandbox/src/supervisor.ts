import { backoff, type Clock } from '@aad-pod-identity/runtime';
import { startChild, type Child, type Command } from './child.ts';

export interface Supervised {
  readonly name: string;
  readonly running: boolean;
  readonly restarts: number;
  readonly pid: number | undefined;
  /** Ends it at once, as a crash would; it is started again. */
  kill(): void;
  /** Ends it as a deleted pod's program ends, with time to tidy up; it is started again. */
  restart(): Promise<void>;
  /** Ends it for good. */
  stop(): Promise<void>;
}

const delays = backoff({ baseMs: 250, maxMs: 10_000, jitter: 0 });
/** A program that ran this long has recovered, so its next crash counts as the first. */
const HEALTHY_AFTER_MS = 10_000;

/** Keeps a program running as a kubelet would: started again after each end, later and later if it keeps ending. */
export function supervise(command: Command, clock: Clock, onChange: () => void): Supervised {
  const state = { child: undefined as Child | undefined, restarts: 0, attempt: 0 };
  const stopping = new AbortController();
  const loop = async () => {
    while (!stopping.signal.aborted) {
      const startedAt = clock.monotonic();
      state.child = startChild(command, clock);
      onChange();
      await state.child.ended;
      state.child = undefined;
      onChange();
      state.attempt = clock.monotonic() - startedAt > HEALTHY_AFTER_MS ? 0 : state.attempt;
      await clock.sleep(delays(state.attempt), stopping.signal).catch(() => undefined);
      state.restarts += 1;
      state.attempt += 1;
    }
  };
  const ended = loop();
  return {
    name: command.name,
    get running() {
      return state.child !== undefined;
    },
    get restarts() {
      return state.restarts;
    },
    get pid() {
      return state.child?.pid;
    },
    kill: () => state.child?.kill(),
    restart: async () => {
      await state.child?.stop();
    },
    stop: async () => {
      stopping.abort(new Error('stopping'));
      await state.child?.stop();
      await ended;
    },
  };
}
