import type { Clock } from '@aad-pod-identity/runtime';

const PERIOD_SECONDS = 30;

/** `6 min` or `40 s`. */
export function spokenSeconds(seconds: number): string {
  return seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}

/** Prints what is done and, every half a minute, that it is still being done. */
export async function withProgress<T>(
  what: string,
  estimate: number,
  { clock, print }: { readonly clock: Clock; readonly print: (line: string) => void },
  work: () => Promise<T>,
): Promise<T> {
  const begin = clock.monotonic();
  const elapsed = () => (clock.monotonic() - begin) / 1000;
  print(`${what}, about ${spokenSeconds(estimate)}`);
  let cancel = (): void => undefined;
  const tick = (): void => {
    cancel = clock.schedule(PERIOD_SECONDS * 1000, () => {
      print(`  ${spokenSeconds(elapsed())} of about ${spokenSeconds(estimate)}`);
      tick();
    });
  };
  tick();
  try {
    const result = await work();
    print(`  done in ${spokenSeconds(elapsed())}`);
    return result;
  } finally {
    cancel();
  }
}
