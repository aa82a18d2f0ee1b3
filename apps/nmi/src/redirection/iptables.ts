import { CHAIN, type FoundRules, type OwnedChain, rulesIn, type Step } from './rules.ts';
import { type Run, runProgram } from './run-program.ts';

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

const EXIT_CODES: Readonly<Record<number, IptablesErrorCode>> = { 3: 'notPermitted', 4: 'busy' };

/** The real programs. */
export const systemIptables: IptablesRunner = async (program, args) => {
  try {
    return await runProgram(program, args);
  } catch (error) {
    throw new IptablesError('missing', `the program ${program} cannot be run`, error);
  }
};

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
