/** The kernel's tables as /proc and /sys show them, read without any effect. */
import type { Route } from './path.ts';

interface RouteLine extends Route {
  readonly prefix: number;
  readonly metric: number;
}

/** A line of the table, and whether its destination holds an address, given in the table's own form. */
interface Entry<A> extends RouteLine {
  readonly holds: (address: A) => boolean;
}

const UP = 0x1;
const GATEWAY = 0x2;
const REJECT = 0x200;

/** Not a way to the address itself: what the kernel would refuse, or an entry that is not in force. */
function isUsable(flags: number): boolean {
  return (flags & UP) !== 0 && (flags & REJECT) === 0;
}

/** As `/proc/net/route` writes it, on the little-endian machines that nodes are. */
function littleEndian(address: string): number {
  return address.split('.').reduceRight((sum, part) => sum * 256 + Number(part), 0);
}

function bitsOf(mask: number): number {
  return mask.toString(2).replaceAll('0', '').length;
}

function entry4(line: string): Entry<number> | undefined {
  const [device = '', destination = '', , flags = '', , , metric = '', mask = ''] = line.trim().split(/\s+/);
  const [bits, flagBits] = [Number.parseInt(mask, 16), Number.parseInt(flags, 16)];
  if (Number.isNaN(bits) || !isUsable(flagBits)) return undefined;
  const to = Number.parseInt(destination, 16);
  const prefix = bitsOf(bits);
  return {
    ...{ device, prefix, metric: Number(metric), toHost: prefix === 32, direct: (flagBits & GATEWAY) === 0 },
    holds: (address) => ((address & bits) ^ to) === 0,
  };
}

/** Sixteen bytes as 32 hexadecimal digits; undefined for a spelling with dots, which no pod's address has. */
export function hexOf6(address: string): string | undefined {
  if (address.includes('.')) return undefined;
  const [head = '', tail] = address.split('::');
  const groups = (text: string | undefined) => (text === undefined || text === '' ? [] : text.split(':'));
  const [left, right] = [groups(head), groups(tail)];
  const zeros = Array<string>(8 - left.length - right.length).fill('0');
  return [...left, ...zeros, ...right].map((group) => group.padStart(4, '0')).join('');
}

function startsAlike(a: string, b: string, bits: number): boolean {
  const whole = Math.floor(bits / 4);
  if (a.slice(0, whole) !== b.slice(0, whole)) return false;
  const rest = bits % 4;
  const digit = (text: string) => Number.parseInt(text[whole] ?? '0', 16) >> (4 - rest);
  return rest === 0 || digit(a) === digit(b);
}

function entry6(line: string): Entry<string> | undefined {
  const [to = '', length = '', , , , metric = '', , , flags = '', device = ''] = line.trim().split(/\s+/);
  const [prefix, flagBits] = [Number.parseInt(length, 16), Number.parseInt(flags, 16)];
  if (!isUsable(flagBits)) return undefined;
  return {
    ...{ device, prefix, metric: Number.parseInt(metric, 16), toHost: prefix === 128 },
    direct: (flagBits & GATEWAY) === 0,
    holds: (address) => startsAlike(address, to, prefix),
  };
}

function isBetter(a: RouteLine, b: RouteLine): boolean {
  return a.prefix > b.prefix || (a.prefix === b.prefix && a.metric < b.metric);
}

function best<A>(entries: readonly Entry<A>[], address: A): Route | undefined {
  let found: RouteLine | undefined;
  for (const entry of entries) {
    if ((found === undefined || isBetter(entry, found)) && entry.holds(address)) found = entry;
  }
  return found && { device: found.device, toHost: found.toHost, direct: found.direct };
}

function entriesOf<A>(table: string, read: (line: string) => Entry<A> | undefined): Entry<A>[] {
  return table.split('\n').flatMap((line) => read(line) ?? []);
}

/** Finds routes of IPv4 in the text of `/proc/net/route`. */
export function routesOf4(table: string): (address: string) => Route | undefined {
  const entries = entriesOf(table, entry4);
  return (address) => best(entries, littleEndian(address));
}

/** Finds routes of IPv6 in the text of `/proc/net/ipv6_route`. */
export function routesOf6(table: string): (address: string) => Route | undefined {
  const entries = entriesOf(table, entry6);
  return (address) => {
    const wanted = hexOf6(address);
    return wanted === undefined ? undefined : best(entries, wanted);
  };
}

const COMPLETE = 0x2;

/** Finds who answered for an address on an interface, in the text of `/proc/net/arp`. */
export function neighboursOf(table: string): (address: string, device: string) => string | undefined {
  const known = new Map<string, string>();
  for (const line of table.split('\n')) {
    const [address = '', , flags = '', hardwareAddress = '', , device = ''] = line.split(/\s+/);
    if ((Number.parseInt(flags, 16) & COMPLETE) !== 0) known.set(`${address} ${device}`, hardwareAddress);
  }
  return (address, device) => known.get(`${address} ${device}`);
}

/** Of the kernel's `struct __fdb_entry`. */
const ENTRY = { size: 16, portLow: 6, isLocal: 7, portHigh: 12 };

/** Number of the port behind which a hardware address is, by the bytes of a bridge's `brforward`. */
export function portIn(table: Buffer, hardwareAddress: string): number | undefined {
  const wanted = Buffer.from(hardwareAddress.replaceAll(':', ''), 'hex');
  for (let at = 0; at + ENTRY.size <= table.length; at += ENTRY.size) {
    const entry = table.subarray(at, at + ENTRY.size);
    if (entry[ENTRY.isLocal] !== 0 || !entry.subarray(0, 6).equals(wanted)) continue;
    return (entry[ENTRY.portLow] ?? 0) + (entry[ENTRY.portHigh] ?? 0) * 256;
  }
  return undefined;
}
