import { type Clock, redactSecrets, systemClock } from '@aad-pod-identity/runtime';
import pino from 'pino';
import { logfmtPair, logfmtPairs } from './logfmt.ts';
import type { LogFields, Logger } from './logger.ts';
import { type Sink, turnBuffer } from './turn-buffer.ts';

export interface LoggerOptions {
  /** `text` is logfmt, `json` one object a line. */
  readonly format: 'text' | 'json';
  /** `-v`: from 1 on `debug` lines are written, from 5 on errors come with their stack. */
  readonly verbosity: number;
  /** The program; the field `name` of JSON lines. */
  readonly name: string;
  /** Where lines go; standard error unless given. */
  readonly destination?: Sink;
  readonly clock?: Clock;
}

type Level = 'debug' | 'info' | 'warning' | 'error';

/** Writes one line; `fields` hold no Error any more. */
interface Form {
  write(level: Level, message: string, fields: LogFields | undefined): void;
  /** The same with `fields` in each line. */
  with(fields: LogFields): Form;
}

const DEBUG_FROM = 1;
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

/** ISO time of the clock, made once for each moment of that precision. */
function timestamps(clock: Clock, precisionMs: number, form: (iso: string) => string): () => string {
  let moment = NaN;
  let text = '';
  return () => {
    const now = Math.floor(clock.now() / precisionMs);
    if (now !== moment) {
      moment = now;
      text = form(new Date(now * precisionMs).toISOString());
    }
    return text;
  };
}

/** Lines of logfmt: seconds are enough for people and are what the original printed. A class, for each request has one. */
class TextForm implements Form {
  readonly #sink: Sink;
  readonly #time: () => string;
  readonly #bound: string;

  constructor(sink: Sink, time: () => string, bound = '') {
    this.#sink = sink;
    this.#time = time;
    this.#bound = bound;
  }

  write(level: Level, message: string, fields: LogFields | undefined): void {
    const own = fields === undefined ? '' : logfmtPairs(fields);
    this.#sink.write(redactSecrets(`${this.#time()}${level}${logfmtPair('msg', message)}${this.#bound}${own}\n`));
  }

  with(fields: LogFields): Form {
    return new TextForm(this.#sink, this.#time, this.#bound + logfmtPairs(fields));
  }
}

function textForm(sink: Sink, clock: Clock): Form {
  return new TextForm(
    sink,
    timestamps(clock, 1_000, (iso) => `time="${iso.slice(0, 19)}Z" level=`),
  );
}

const PINO_LEVEL = { debug: 'debug', info: 'info', warning: 'warn', error: 'error' } as const;

/** Lines of JSON; programs that read them get milliseconds. */
function jsonForm(sink: Sink, clock: Clock, { name }: LoggerOptions): Form {
  const time = timestamps(clock, 1, (iso) => `,"time":"${iso}"`);
  const formatters = { level: (label: string) => ({ level: label === 'warn' ? 'warning' : label }) };
  const write = (line: string): void => {
    sink.write(redactSecrets(line));
  };
  const formOf = (inner: pino.Logger): Form => ({
    write: (level, msg, fields) => {
      inner[PINO_LEVEL[level]]({ msg, ...fields });
    },
    with: (fields) => formOf(inner.child(fields)),
  });
  return formOf(pino({ base: { name }, level: 'debug', timestamp: time, formatters }, { write }));
}

class FormLogger implements Logger {
  readonly verbosity: number;
  readonly #form: Form;

  constructor(form: Form, verbosity: number) {
    this.#form = form;
    this.verbosity = verbosity;
  }

  debug(message: string, fields?: LogFields): void {
    if (this.verbosity >= DEBUG_FROM) this.#write('debug', message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.#write('info', message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.#write('warning', message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.#write('error', message, fields);
  }

  child(fields: LogFields): Logger {
    return new FormLogger(this.#form.with(errorFields(fields, this.verbosity)), this.verbosity);
  }

  #write(level: Level, message: string, fields: LogFields | undefined): void {
    this.#form.write(level, message, fields === undefined ? undefined : errorFields(fields, this.verbosity));
  }
}

/** A logger of structured lines; whatever it writes goes through `redactSecrets`, in its form and nowhere else. */
export function createLogger(options: LoggerOptions): Logger {
  const clock = options.clock ?? systemClock;
  const sink = options.destination ?? turnBuffer(pino.destination({ fd: 2, sync: true }), systemClock);
  const form = options.format === 'text' ? textForm(sink, clock) : jsonForm(sink, clock, options);
  return new FormLogger(form, options.verbosity);
}
