/**
 * The wanted rules as values, and what turns the found ones into them. Pod traffic for the metadata address passes
 *
 *     nat PREROUTING  --1st rule-->  aad-metadata  --DNAT-->  NMI
 *
 * Operators look at the chain by its name, so it stays the original's.
 */
export const CHAIN = 'aad-metadata';
const HOOK = 'PREROUTING';

export interface RedirectionTarget {
  readonly metadataIp: string;
  readonly metadataPort: number;
  readonly listenAddress: string;
  readonly port: number;
}

/** Rules as `iptables -S` prints them, without those of other chains. */
export interface FoundRules {
  /** Undefined where the chain does not exist. */
  readonly chain: readonly string[] | undefined;
  readonly hook: readonly string[];
}

/** One call of iptables, without table and waiting. */
export type Step = readonly string[];

const JUMP: Step = ['-j', CHAIN];

/** What stands in our chain, in order. */
export function wantedRules({ metadataIp, metadataPort, listenAddress, port }: RedirectionTarget): readonly Step[] {
  const to = `${listenAddress === '0.0.0.0' ? '127.0.0.1' : listenAddress}:${port}`;
  const from = ['!', '-s', '127.0.0.1/32', '-d', `${metadataIp}/32`];
  const match = ['-p', 'tcp', '-m', 'tcp', '--dport', String(metadataPort)];
  return [
    [...from, ...match, '-j', 'DNAT', '--to-destination', to],
    ['-j', 'RETURN'],
  ];
}

/** The rules of `chain` in what `iptables -S <chain>` prints. */
export function rulesIn(output: string, chain: string): string[] {
  const lines = output.split('\n').map((line) => line.trim().replace(/\s+/g, ' '));
  return lines.filter((line) => line.startsWith(`-A ${chain} `));
}

const printed = (chain: string, rule: Step): string => ['-A', chain, ...rule].join(' ');

/** Numbers from 1, the last first, so that a deletion moves none that is still to be deleted. */
function numbersFromTheEnd(rules: readonly string[], isExtra: (rule: string, number: number) => boolean): number[] {
  return rules.flatMap((rule, index) => (isExtra(rule, index + 1) ? [index + 1] : [])).reverse();
}

/** Ours go in front of whatever is there and only then does the rest go, so that no packet ever finds a gap. */
function chainSteps(wanted: readonly Step[], found: readonly string[] | undefined): Step[] {
  const same = found?.length === wanted.length && wanted.every((rule, at) => printed(CHAIN, rule) === found[at]);
  if (same) return [];
  const create: Step[] = found === undefined ? [['-N', CHAIN]] : [];
  const insert = wanted.map((rule, at) => ['-I', CHAIN, String(at + 1), ...rule]);
  const remove = numbersFromTheEnd(found ?? [], () => true).map((at) => ['-D', CHAIN, String(at + wanted.length)]);
  return [...create, ...insert, ...remove];
}

/** The jump must be the first rule: one before it could send the traffic elsewhere. Others' rules are not touched. */
function hookSteps(found: readonly string[]): Step[] {
  const jump = printed(HOOK, JUMP);
  const isFirst = found[0] === jump;
  const extra = numbersFromTheEnd(found, (rule, at) => rule === jump && !(isFirst && at === 1));
  const insert: Step[] = isFirst ? [] : [['-I', HOOK, '1', ...JUMP]];
  return [...insert, ...extra.map((at) => ['-D', HOOK, String(at + insert.length)])];
}

/** The calls that make the found rules the wanted ones, in order; none if they are. */
export function repairs(target: RedirectionTarget, found: FoundRules): readonly Step[] {
  return [...chainSteps(wantedRules(target), found.chain), ...hookSteps(found.hook)];
}
