import { execFile } from 'node:child_process';
import { CHAIN, type FoundRules, type OwnedChain, rulesIn, type Step } from './rules.ts';

export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program of the iptables family with these arguments. Rejects only if it cannot be run at all. */
export type IptablesRunner = (program: string, args: readonly string[]) => Promise<Run>;

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
/** The whole of a big cluster's mangle table. */
const MAX_OUTPUT = 64 * 1024 * 1024;

const EXIT_CODES: Readonly<Record<number, IptablesErrorCode>> = { 3: 'notPermitted', 4: 'busy' };

/** The real programs, without a shell between. */
export const systemIptables: IptablesRunner = (program, args) =>
  new Promise((resolve, reject) => {
    const options = { timeout: TIMEOUT_MS, maxBuffer: MAX_OUTPUT, encoding: 'utf8' } as const;
    execFile(program, [...args], options, (error, stdout, stderr) => {
      if (error === null) resolve({ code: 0, stdout, stderr });
      else if (typeof error.code === 'number') resolve({ code: error.code, stdout, stderr });
      else reject(new IptablesError('missing', `the program ${program} cannot be run`, error));
    });
  });

function failure(program: string, args: readonly string[], { code, stderr }: Run): IptablesError {
  const said = stderr.split('\n').find((line) => line !== '' && !line.startsWith('#')) ?? '';
  // the nft back-end ends with 4 for that too
  const reason = said.includes('Permission denied') ? 'notPermitted' : EXIT_CODES[code];
  return new IptablesError(reason ?? 'failed', `${program} ${args.join(' ')}: exit code ${code}: ${said}`);
}

/** Our chains on this machine, through the program of one back-end. */
export function iptablesChains(run: IptablesRunner, program: string) {
  async function call(table: string, step: Step, mayEndWith1 = false): Promise<string | undefined> {
    const args = ['-w', LOCK_SECONDS, '-t', table, ...step];
    const result = await run(program, args);
    if (result.code === 0) return result.stdout;
    if (result.code === 1 && mayEndWith1) return undefined;
    throw failure(program, args, result);
  }

  return {
    /** @throws IptablesError */
    async read({ table, hooks }: OwnedChain): Promise<FoundRules> {
      const found = new Map<string, readonly string[]>();
      for (const hook of hooks) found.set(hook, rulesIn((await call(table, ['-S', hook])) ?? '', hook));
      // With the table readable, exit code 1 says that there is no such chain.
      const chain = await call(table, ['-S', CHAIN], true);
      return { hooks: found, chain: chain === undefined ? undefined : rulesIn(chain, CHAIN) };
    },
    /** @throws IptablesError */
    async apply({ table }: OwnedChain, steps: readonly Step[]): Promise<void> {
      for (const step of steps) await call(table, step);
    },
  };
}

export type IptablesChains = ReturnType<typeof iptablesChains>;
