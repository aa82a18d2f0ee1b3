import type { IptablesRunner } from '../src/redirection/iptables.ts';
import type { Run } from '../src/redirection/run-program.ts';

const OK: Run = { code: 0, stdout: '', stderr: '' };
const NO_CHAIN: Run = { code: 1, stdout: '', stderr: 'iptables: No chain/target/match by that name.' };
const BUILT_IN = { nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'], filter: ['INPUT', 'FORWARD', 'OUTPUT'] };

type TableName = keyof typeof BUILT_IN;

/** One back-end of iptables as far as NMI uses it: stateful, recorded, able to fail. */
export class FakeIptables {
  readonly tables = {
    nat: new Map<string, string[]>(BUILT_IN.nat.map((name) => [name, []])),
    filter: new Map<string, string[]>(BUILT_IN.filter.map((name) => [name, []])),
  };
  readonly calls: (readonly string[])[] = [];
  readonly #failures: Run[] = [];

  /** The next calls end so. */
  failNext(...runs: Run[]): void {
    this.#failures.push(...runs);
  }

  rules(table: TableName, chain: string): string[] {
    return this.tables[table].get(chain) ?? [];
  }

  readonly run: IptablesRunner = (_program, args) => {
    this.calls.push(args);
    return Promise.resolve(this.#failures.shift() ?? this.#apply(args));
  };

  #apply(args: readonly string[]): Run {
    const [wait, seconds, t, table = '', command = '', chain = '', ...rest] = args;
    if ([wait, seconds, t].join(' ') !== '-w 5 -t' || !Object.hasOwn(this.tables, table))
      return { ...NO_CHAIN, code: 2 };
    const chains = this.tables[table as TableName];
    if (command === '-N') {
      chains.set(chain, []);
      return OK;
    }
    const rules = chains.get(chain);
    return rules === undefined ? NO_CHAIN : this.#edit(chains, chain, rules, command, rest);
  }

  #edit(chains: Map<string, string[]>, chain: string, rules: string[], command: string, rest: readonly string[]): Run {
    const [number = '', ...rule] = rest;
    const at = Number(number) - 1;
    if (command === '-I') rules.splice(at, 0, rule.join(' '));
    else if (command === '-D') {
      const found = Number.isNaN(at) ? rules.indexOf(rest.join(' ')) : at;
      if (found < 0) return NO_CHAIN;
      rules.splice(found, 1);
    } else if (command === '-F') rules.length = 0;
    else if (command === '-X') chains.delete(chain);
    else return { ...OK, stdout: [`-P ${chain} ACCEPT`, ...rules.map((each) => `-A ${chain} ${each}`), ''].join('\n') };
    return OK;
  }
}
