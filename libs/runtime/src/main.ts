import type { UsageError } from './flags.ts';
import { redactSecrets } from './redact.ts';

export interface MainContext {
  /** The arguments after the program's name. */
  readonly argv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Aborts on SIGTERM and SIGINT. */
  readonly signal: AbortSignal;
}

const USAGE: UsageError['code'] = 'usage';
const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;

/** An error and its causes as one line; what was said already is not said again. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'something that is no Error was thrown';
  const causes: string[] = [];
  for (let at: unknown = error; at instanceof Error && causes.length < 4; at = at.cause) {
    const text = at.message || at.name;
    if (!causes.some((said) => said.includes(text))) causes.push(text);
  }
  return redactSecrets(causes.join(': ')).replace(/\s*\n\s*/g, ' ');
}

/** Settings that cannot be used, wherever they were read: flags, the environment or a file that a flag names. */
function isUsage(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === USAGE;
}

/**
 * Runs a program and ends its process; nothing else may. Exit codes: 0 at the end and after SIGTERM or SIGINT,
 * 2 for a UsageError or an error with its code, 1 for any other error, an unhandled one included. Each error is one line on standard error.
 */
export function runMain(name: string, body: (context: MainContext) => Promise<void>): void {
  const controller = new AbortController();
  const fail = (error: unknown): never => {
    const line = `${name}: ${describe(error)}\n`;
    // The last line: whoever holds lines back until the exit has written them by then.
    process.once('exit', () => process.stderr.write(line));
    process.exit(isUsage(error) ? EXIT_USAGE : EXIT_FAILURE);
  };
  const stop = (signal: NodeJS.Signals): void => {
    if (controller.signal.aborted) fail(new Error(`a second ${signal} came before the end`));
    controller.abort(new DOMException(`told to stop by ${signal}`, 'AbortError'));
  };
  process.on('SIGTERM', stop).on('SIGINT', stop).on('uncaughtException', fail).on('unhandledRejection', fail);
  const { signal } = controller;
  const end = (): never => process.exit(0);
  body({ argv: process.argv.slice(2), env: process.env, signal }).then(end, (error: unknown) =>
    signal.aborted && error === signal.reason ? end() : fail(error),
  );
}
