/** Values that belong to one line; `err` holds an Error. Keys are dotted names such as `req.method`. */
export type LogFields = Readonly<Record<string, unknown>>;

/** The message is a constant and comes first; whatever varies goes into the fields. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds `fields` to each of its lines. */
  child(fields: LogFields): Logger;
  /** The `-v` level; `debug` lines are written from 1 on. */
  readonly verbosity: number;
}

const nothing = (): void => undefined;

/** Writes nothing. */
export const silentLogger: Logger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  child: () => silentLogger,
  verbosity: 0,
};
