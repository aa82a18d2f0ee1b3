import { CHAIN, type FoundRules, type OwnedChain, type RedirectionTarget, type Step, TO_NODE } from './rules.ts';

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
export function withoutHold({ table }: OwnedChain, found: FoundRules, target: RedirectionTarget) {
  const rule = ['-A', CHAIN, ...holdRule(target)].join(' ');
  const chain = found.chain?.filter((each) => table !== 'filter' || each !== rule);
  return { rest: { ...found, chain }, count: (found.chain?.length ?? 0) - (chain?.length ?? 0) };
}
