import type { Clock, Task } from '@aad-pod-identity/runtime';

/** So long nothing must have been asked, in milliseconds. */
const QUIET_MS = 30_000;

export interface QuietMemory {
  /** Hears of each request. */
  readonly asked: () => void;
  readonly run: Task;
}

/**
 * Takes the flag `--expose-gc`, as in the image; without it nothing happens. Of V8's ways to collect garbage, the one of
 * the last resort is the only one that gives back the room for young objects, and what a burst had spread out.
 */
function collectAll(): void {
  globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}

/**
 * Gives back, once for each quiet time, the memory that the busy time before it needed: by itself V8 keeps it for good.
 * Nothing else runs for some ten milliseconds meanwhile, which is why it waits until nobody asks.
 */
export function quietMemory(clock: Clock, collect = collectAll): QuietMemory {
  let requests = 0;
  let tidiedAt = -1;
  return {
    asked: () => {
      requests++;
    },
    run: async (signal) => {
      for (;;) {
        const before = requests;
        await clock.sleep(QUIET_MS, signal);
        if (requests !== before || requests === tidiedAt) continue;
        tidiedAt = requests;
        collect();
      }
    },
  };
}
