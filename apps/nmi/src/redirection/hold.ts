import type { IptablesChains } from './iptables.ts';
import {
  CHAIN,
  type FoundRules,
  type OwnedChain,
  type RedirectionTarget,
  repairs,
  type Step,
  TO_NODE,
} from './rules.ts';

/**
 * A rule for the moment in which an NMI stops listening: it keeps new connections away. The kernel resets those that are
 * in the queue of a listener that closes, or about to enter it, though another NMI listens beside. One whose first packet
 * is dropped is tried again by its client's kernel a second later, and then reaches the other NMI.
 */
function holdRule({ port }: RedirectionTarget): Step {
  const connecting = ['--tcp-flags', 'FIN,SYN,RST,ACK', 'SYN'];
  return ['!', '-i', 'lo', '-p', 'tcp', '-m', 'tcp', '--dport', String(port), ...connecting, ...TO_NODE, '-j', 'DROP'];
}

/** In the chain of the table `filter`, before everything else. */
export const holdStep = (target: RedirectionTarget): Step => ['-I', CHAIN, '1', ...holdRule(target)];

/** Takes away one such rule, wherever it is. */
export const releaseStep = (target: RedirectionTarget): Step => ['-D', CHAIN, ...holdRule(target)];

/** What was found without the rules that hold, and how many of those there were. */
function withoutHold({ table }: OwnedChain, found: FoundRules, target: RedirectionTarget) {
  const rule = ['-A', CHAIN, ...holdRule(target)].join(' ');
  const chain = found.chain?.filter((each) => table !== 'filter' || each !== rule);
  return { rest: { ...found, chain }, count: (found.chain?.length ?? 0) - (chain?.length ?? 0) };
}

/** An NMI that stops beside this one holds new connections for some milliseconds; one that was killed then for ever. */
export class Held {
  readonly #target: RedirectionTarget;
  /** How many rules held at the last look. */
  #before = 0;

  constructor(target: RedirectionTarget) {
    this.#target = target;
  }

  /** Whether rules that hold are the only difference; those that were there at the last look are taken away. */
  async isAll(chains: IptablesChains, owned: OwnedChain, found: FoundRules): Promise<boolean> {
    const { rest, count } = withoutHold(owned, found, this.#target);
    if (owned.table !== 'filter') return false;
    const left = Math.min(count, this.#before);
    this.#before = count - left;
    if (count === 0 || repairs(owned, rest).length > 0) return false;
    await chains.apply(owned, Array<Step>(left).fill(releaseStep(this.#target)));
    return true;
  }
}
