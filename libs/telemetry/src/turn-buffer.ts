import type { Clock } from '@aad-pod-identity/runtime';

export interface Sink {
  write(line: string): unknown;
}

/** Lines that came within this time are written in one call: under load, calls cost more than lines. */
const HOLD_MS = 1;
const MAX_HELD = 64 * 1024;

/** A sink that writes what came within a millisecond at once, and the rest when the process exits. */
export function turnBuffer(sink: Sink, clock: Clock): Sink {
  let held = '';
  const flush = (): void => {
    const text = held;
    held = '';
    if (text !== '') sink.write(text);
  };
  process.once('exit', flush);
  return {
    write: (line) => {
      if (held === '') clock.schedule(HOLD_MS, flush);
      held += line;
      if (held.length > MAX_HELD) flush();
    },
  };
}
