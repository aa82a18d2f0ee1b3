import type { Clock } from '@aad-pod-identity/runtime';

const PERIOD_SECONDS = 30;

/** `40 s`, `6 min` or `6 min 30 s`. */
export function spokenSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  const [minutes, rest] = [Math.floor(whole / 60), whole % 60];
  return [minutes > 0 ? `${minutes} min` : '', rest > 0 || minutes === 0 ? `${rest} s` : ''].join(' ').trim();
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
