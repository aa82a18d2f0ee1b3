import type { IptablesRunner, Run } from '../src/redirection/iptables.ts';

const OK: Run = { code: 0, stdout: '', stderr: '' };
const NO_CHAIN: Run = { code: 1, stdout: '', stderr: 'iptables: No chain/target/match by that name.' };

/** The nat table of a machine, as far as NMI uses it: stateful, recorded, able to fail. */
export class FakeIptables {
  readonly chains = new Map<string, string[]>([['PREROUTING', []]]);
  readonly calls: (readonly string[])[] = [];
  readonly #failures: Run[] = [];

  /** The next calls end so. */
  failNext(...runs: Run[]): void {
    this.#failures.push(...runs);
  }

  rules(chain: string): string[] {
    return this.chains.get(chain) ?? [];
  }

  readonly run: IptablesRunner = (args) => {
    this.calls.push(args);
    return Promise.resolve(this.#failures.shift() ?? this.#apply(args));
  };

  #apply(args: readonly string[]): Run {
    const [wait, seconds, t, table, command = '', chain = '', ...rest] = args;
    if ([wait, seconds, t, table].join(' ') !== '-w 5 -t nat') return { ...NO_CHAIN, code: 2 };
    const rules = this.chains.get(chain);
    if (command === '-N') {
      this.chains.set(chain, []);
      return OK;
    }
    if (rules === undefined) return NO_CHAIN;
    const [number = '', ...rule] = rest;
    const at = Number(number) - 1;
    if (command === '-I') rules.splice(at, 0, rule.join(' '));
    else if (command === '-D') rules.splice(at, 1);
    else return { ...OK, stdout: [`-P ${chain} ACCEPT`, ...rules.map((each) => `-A ${chain} ${each}`), ''].join('\n') };
    return OK;
  }
}
