import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { deadlineSignal, type Clock } from '@aad-pod-identity/runtime';
import { tellGuard } from './guard-line.ts';

export interface Command {
  readonly name: string;
  /** Arguments of this very Node binary: script and flags. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
}

export interface Child {
  readonly name: string;
  readonly pid: number;
  /** Resolves when the process has ended, with a sentence that says how. */
  readonly ended: Promise<string>;
  /** Lines of standard output, from the first one on. */
  lines(): AsyncIterable<string>;
  /** SIGTERM, and SIGKILL if that is not heard soon; resolves when the process has ended. */
  stop(): Promise<void>;
  kill(): void;
}

/** Nothing of a sandbox is worth a longer wait at its end. */
const STOP_GRACE_MS = 700;

/** Variables of the caller's shell that would change what the programs of the sandbox do. */
const NOT_INHERITED =
  /^(AZURE_|IDENTITY_|MSI_|KUBE|CLOUD$|NODE_OPTIONS$|NODE_EXTRA_CA_CERTS$|https?_proxy$|no_proxy$)/i;

function environment(own: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !NOT_INHERITED.test(name));
  return { ...Object.fromEntries(inherited), ...own };
}

/**
 * Starts a program in a process group of its own, so that the Ctrl-C of a terminal reaches only the sandbox, which then
 * stops its children in order; the guard ends them should the sandbox itself be killed.
 */
export function startChild(command: Command, clock: Clock): Child {
  const log = createWriteStream(command.logFile, { flags: 'a' });
  const child = spawn(process.execPath, [...command.args], {
    env: environment(command.env),
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  child.stdin.on('error', () => undefined);
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  if (child.pid !== undefined) tellGuard('start', child.pid);
  const ended = endOf(child).finally(() => {
    if (child.pid !== undefined) tellGuard('end', child.pid);
    log.end();
  });
  return {
    name: command.name,
    pid: child.pid ?? -1,
    ended,
    lines: () => createInterface({ input: child.stdout }),
    kill: () => child.kill('SIGKILL'),
    stop: () => stop(child, ended, clock),
  };
}

async function endOf(child: ChildProcess): Promise<string> {
  try {
    const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
    return signal === null ? `ended with code ${code ?? 'unknown'}` : `was ended by ${signal}`;
  } catch (error) {
    return `could not be started: ${(error as Error).message}`;
  }
}

async function stop(child: ChildProcess, ended: Promise<string>, clock: Clock): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const cancel = clock.schedule(STOP_GRACE_MS, () => child.kill('SIGKILL'));
  await ended;
  cancel();
}

/**
 * The first line of standard output that is a JSON object with `ready: true`.
 * @throws an Error that names the program and its log file when it ends or is silent for too long
 */
export async function readyLine(
  child: Child,
  logFile: string,
  clock: Clock,
  { signal: parent, timeoutMs = 20_000 }: { signal: AbortSignal; timeoutMs?: number },
): Promise<unknown> {
  parent.throwIfAborted();
  const { signal, done } = deadlineSignal(clock, timeoutMs, parent);
  const late = once(signal, 'abort').then(() => `did not say within ${timeoutMs / 1000} s that it is ready`);
  try {
    const found = await Promise.race([firstReady(child), child.ended, late]);
    parent.throwIfAborted();
    if (typeof found !== 'string') return found;
    throw new Error(`${child.name} ${found}; ${lastWords(logFile)}`);
  } finally {
    done();
  }
}

/** Where a program's log is, and its last line, which mostly says why it ended. */
export function lastWords(logFile: string): string {
  const last = existsSync(logFile) ? readFileSync(logFile, 'utf8').trimEnd().split('\n').at(-1) : undefined;
  return `its log is ${logFile}${last ? `, which ends with: ${last}` : ''}`;
}

async function firstReady(child: Child): Promise<unknown> {
  for await (const line of child.lines()) {
    const message = parseJson(line);
    if (typeof message === 'object' && message !== null && 'ready' in message) return message;
  }
  return await child.ended;
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
