import type { Clock } from '@aad-pod-identity/runtime';
import { completeLines, type LogOptions, selectLines, tail } from './log-lines.ts';

/** How often a log that is followed is looked at. */
const FOLLOW_MS = 200;

/** What is shown of a whole log. */
export function shown(text: string, options: LogOptions): string {
  const lines = tail(selectLines(text, options), options.tailLines);
  if (options.limitBytes === undefined) return lines;
  return Buffer.from(lines).subarray(0, options.limitBytes).toString('utf8');
}

export interface Following {
  /** Sends what is left, a last line without its end included. */
  finish(): void;
  cancel(): void;
}

/** Sends what is shown of a log, and then what is added to it, line by line, until it is finished or cancelled. */
export function followLog(
  read: () => string,
  options: LogOptions,
  clock: Clock,
  write: (text: string) => void,
): Following {
  let sent = 0;
  const send = (text: string, render: (added: string) => string): void => {
    // a log that got shorter is another one
    const added = text.slice(text.length < sent ? 0 : sent);
    sent = text.length;
    if (added !== '') write(render(added));
  };
  const more = (added: string): string => selectLines(added, { ...options, since: undefined });
  const look = (): void => {
    send(completeLines(read()), more);
    cancel = clock.schedule(FOLLOW_MS, look);
  };
  send(completeLines(read()), (text) => shown(text, options));
  let cancel = clock.schedule(FOLLOW_MS, look);
  return {
    finish: () => {
      cancel();
      send(read(), more);
    },
    cancel: () => {
      cancel();
    },
  };
}
