import { execFile } from 'node:child_process';
import { CHAIN, type FoundRules, rulesIn, type Step } from './rules.ts';

export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs iptables with these arguments. Rejects only if the program cannot be run at all. */
export type IptablesRunner = (args: readonly string[]) => Promise<Run>;

export type IptablesErrorCode = 'missing' | 'busy' | 'notPermitted' | 'failed';

export class IptablesError extends Error {
  override readonly name = 'IptablesError';
  readonly code: IptablesErrorCode;

  constructor(code: IptablesErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** Seconds to wait for the lock that all users of iptables share. */
const LOCK_SECONDS = '5';
/** Far beyond the lock's wait: a call that takes longer hangs. */
const TIMEOUT_MS = 30_000;

const EXIT_CODES: Readonly<Record<number, IptablesErrorCode>> = { 3: 'notPermitted', 4: 'busy' };

/** The real program, without a shell between. */
export const systemIptables: IptablesRunner = (args) =>
  new Promise((resolve, reject) => {
    execFile('iptables', [...args], { timeout: TIMEOUT_MS, encoding: 'utf8' }, (error, stdout, stderr) => {
      if (error === null) resolve({ code: 0, stdout, stderr });
      else if (typeof error.code === 'number') resolve({ code: error.code, stdout, stderr });
      else reject(new IptablesError('missing', 'the program iptables cannot be run', error));
    });
  });

function failure(args: readonly string[], { code, stderr }: Run): IptablesError {
  const said = stderr.trim().split('\n', 1)[0] ?? '';
  return new IptablesError(EXIT_CODES[code] ?? 'failed', `iptables ${args.join(' ')}: exit code ${code}: ${said}`);
}

/** The nat table of this machine, through iptables. @throws IptablesError */
export function natTable(run: IptablesRunner) {
  const call = (args: Step): Promise<Run> => run(['-w', LOCK_SECONDS, '-t', 'nat', ...args]);

  async function must(args: Step): Promise<string> {
    const result = await call(args);
    if (result.code !== 0) throw failure(args, result);
    return result.stdout;
  }

  return {
    async read(): Promise<FoundRules> {
      const hook = rulesIn(await must(['-S', 'PREROUTING']), 'PREROUTING');
      const chain = await call(['-S', CHAIN]);
      // With the table readable, exit code 1 says that there is no such chain.
      if (chain.code !== 0 && chain.code !== 1) throw failure(['-S', CHAIN], chain);
      return { hook, chain: chain.code === 0 ? rulesIn(chain.stdout, CHAIN) : undefined };
    },
    async apply(steps: readonly Step[]): Promise<void> {
      for (const step of steps) await must(step);
    },
  };
}
