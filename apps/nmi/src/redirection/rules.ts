import { isIP } from 'node:net';

/**
 * The wanted rules as values, and what turns the found ones into them. Pod traffic for the metadata address passes
 *
 *     nat    PREROUTING       --1st rule-->  aad-metadata  --DNAT-->  NMI
 *     filter FORWARD, INPUT   --1st rule-->  aad-metadata  --what is not redirected is refused
 *
 * nat can only redirect: without the second chain a pod would reach the real service by another port or protocol, and
 * while the first is missing. Operators look at the chain by its name, so it stays the original's.
 */
export const CHAIN = 'aad-metadata';

export interface RedirectionTarget {
  readonly metadataIp: string;
  readonly metadataPort: number;
  readonly listenAddress: string;
  readonly port: number;
}

export type Table = 'nat' | 'filter';

/** One call of iptables, without table and waiting. */
export type Step = readonly string[];

/** Our chain in one table: its rules in order, and the built-in chains whose first rule jumps to it. */
export interface OwnedChain {
  readonly table: Table;
  readonly hooks: readonly string[];
  readonly rules: readonly Step[];
}

/** Rules as `iptables -S` prints them, without those of other chains. */
export interface FoundRules {
  /** Undefined where the chain does not exist. */
  readonly chain: readonly string[] | undefined;
  /** By hook. */
  readonly hooks: ReadonlyMap<string, readonly string[]>;
}

const JUMP: Step = ['-j', CHAIN];
const TCP: Step = ['-p', 'tcp', '-m', 'tcp'];
const RESET: Step = ['-j', 'REJECT', '--reject-with', 'tcp-reset'];
const RETURN: Step = ['-j', 'RETURN'];

const LOOPBACK = { 4: '127.0.0.1', 6: '::1' };
const UNREACHABLE = { 4: 'icmp-port-unreachable', 6: 'icmp6-port-unreachable' };

/** Whose rules the metadata address is a matter of. */
export function familyOf({ metadataIp }: RedirectionTarget): 4 | 6 {
  return isIP(metadataIp) === 6 ? 6 : 4;
}

function single(address: string): string {
  return isIP(address) === 6 ? `${address}/128` : `${address}/32`;
}

/** Where redirected connections go: a program that listens on all addresses is reached on loopback. */
export function arrivalOf(target: RedirectionTarget): { readonly address: string; readonly port: number } {
  const { listenAddress, port } = target;
  const address = ['0.0.0.0', '::'].includes(listenAddress) ? LOOPBACK[familyOf(target)] : listenAddress;
  return { address, port };
}

function destination(target: RedirectionTarget): string {
  const { address, port } = arrivalOf(target);
  return isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`;
}

function natRules(target: RedirectionTarget): readonly Step[] {
  const { metadataIp, metadataPort } = target;
  const match = ['!', '-s', single(LOOPBACK[familyOf(target)]), '-d', single(metadataIp)];
  const to = ['-j', 'DNAT', '--to-destination', destination(target)];
  return [[...match, ...TCP, '--dport', String(metadataPort), ...to], RETURN];
}

/** Of the node's own addresses: what is forwarded to the same port of other machines and pods is nobody's business here. */
export const TO_NODE: Step = ['-m', 'addrtype', '--dst-type', 'LOCAL'];

/** What came by the redirection is no longer for the metadata address; and nothing else may come to NMI's port. */
function filterRules(target: RedirectionTarget): readonly Step[] {
  const { metadataIp, port } = target;
  const toMetadata = ['-d', single(metadataIp)];
  const notRedirected = ['-m', 'conntrack', '!', '--ctorigdst', metadataIp];
  return [
    [...toMetadata, ...TCP, ...RESET],
    [...toMetadata, '-j', 'REJECT', '--reject-with', UNREACHABLE[familyOf(target)]],
    ['!', '-i', 'lo', ...TCP, '--dport', String(port), ...TO_NODE, ...notRedirected, ...RESET],
    RETURN,
  ];
}

/** Everything that is ours, in the order in which it is written: refused before it is redirected, and never let through. */
export function ownedChains(target: RedirectionTarget): readonly OwnedChain[] {
  return [
    { table: 'filter', hooks: ['FORWARD', 'INPUT'], rules: filterRules(target) },
    { table: 'nat', hooks: ['PREROUTING'], rules: natRules(target) },
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
function hookSteps(hook: string, found: readonly string[]): Step[] {
  const jump = printed(hook, JUMP);
  const isFirst = found[0] === jump;
  const extra = numbersFromTheEnd(found, (rule, at) => rule === jump && !(isFirst && at === 1));
  const insert: Step[] = isFirst ? [] : [['-I', hook, '1', ...JUMP]];
  return [...insert, ...extra.map((at) => ['-D', hook, String(at + insert.length)])];
}

/** The calls that make the found rules the wanted ones, in order; none if they are. */
export function repairs({ hooks, rules }: OwnedChain, found: FoundRules): readonly Step[] {
  return [...chainSteps(rules, found.chain), ...hooks.flatMap((hook) => hookSteps(hook, found.hooks.get(hook) ?? []))];
}

/** The calls that take everything of ours away, the jumps first; none if there is nothing. */
export function removal({ hooks }: OwnedChain, found: FoundRules): readonly Step[] {
  const jumps = hooks.flatMap((hook) => {
    const jump = printed(hook, JUMP);
    return numbersFromTheEnd(found.hooks.get(hook) ?? [], (rule) => rule === jump).map((at) => [
      '-D',
      hook,
      String(at),
    ]);
  });
  const chain: Step[] =
    found.chain === undefined
      ? []
      : [
          ['-F', CHAIN],
          ['-X', CHAIN],
        ];
  return [...jumps, ...chain];
}
