import { type Clock, redactSecrets, systemClock } from '@aad-pod-identity/runtime';
import pino from 'pino';
import type { LogFields, Logger } from './logger.ts';
import { logfmtLine } from './logfmt.ts';

export interface LoggerOptions {
  /** `text` is logfmt, `json` one object a line. */
  readonly format: 'text' | 'json';
  /** `-v`: from 1 on `debug` lines are written, from 5 on errors come with their stack. */
  readonly verbosity: number;
  /** The program; the field `name` of JSON lines. */
  readonly name: string;
  /** Where lines go; standard error unless given. */
  readonly destination?: { write(line: string): unknown };
  readonly clock?: Clock;
}

const STACKS_FROM = 5;

/** An error as the text of its message and those of its causes; its code, if it has one, goes before it. */
function errorText(error: unknown, depth = 0): string {
  if (!(error instanceof Error)) return typeof error === 'string' ? error : JSON.stringify(error);
  const code = 'code' in error && typeof error.code === 'string' ? `${error.code}: ` : '';
  const cause = error.cause === undefined || depth > 3 ? '' : `: ${errorText(error.cause, depth + 1)}`;
  return `${code}${error.message || error.name}${cause}`;
}

function errorFields(fields: LogFields, verbosity: number): LogFields {
  if (!('err' in fields)) return fields;
  const { err, ...rest } = fields;
  const stack = verbosity >= STACKS_FROM && err instanceof Error ? { stack: err.stack } : {};
  return { ...rest, err: errorText(err), ...stack };
}

/** Seconds are enough for people and are what the original printed; programs that read JSON get milliseconds. */
function timestamp(options: LoggerOptions, clock: Clock): string {
  const iso = new Date(clock.now()).toISOString();
  return options.format === 'json' ? iso : `${iso.slice(0, 19)}Z`;
}

function wrap(inner: pino.Logger, verbosity: number): Logger {
  const at =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, fields?: LogFields): void => {
      if (!inner.isLevelEnabled(level)) return;
      inner[level]({ msg: message, ...(fields === undefined ? {} : errorFields(fields, verbosity)) });
    };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => wrap(inner.child(fields), verbosity),
    verbosity,
  };
}

/** A logger of structured lines; whatever it writes goes through `redactSecrets`, here and nowhere else. */
export function createLogger(options: LoggerOptions): Logger {
  const clock = options.clock ?? systemClock;
  const sink = options.destination ?? pino.destination({ fd: 2, sync: true });
  const inText = options.format === 'text';
  const write = (line: string): void => {
    const formatted = inText ? logfmtLine(inOrder(JSON.parse(line) as Record<string, unknown>)) : line;
    sink.write(redactSecrets(formatted));
  };
  const inner = pino(
    {
      base: inText ? null : { name: options.name },
      level: options.verbosity >= 1 ? 'debug' : 'info',
      timestamp: () => `,"time":"${timestamp(options, clock)}"`,
      formatters: { level: (label) => ({ level: label === 'warn' ? 'warning' : label }) },
    },
    { write },
  );
  return wrap(inner, options.verbosity);
}

function inOrder({ time, level, msg, ...rest }: Record<string, unknown>): Record<string, unknown> {
  return { time, level, msg, ...rest };
}
