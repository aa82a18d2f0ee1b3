/** The kernel's tables as /proc and /sys show them, read without any effect. */
import { isIPv4 } from 'node:net';
import type { Route } from './path.ts';

interface RouteLine extends Route {
  readonly prefix: number;
  readonly metric: number;
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

function routeLine4(line: string, address: number): RouteLine | undefined {
  const [device = '', destination = '', , flags = '', , , metric = '', mask = ''] = line.trim().split(/\s+/);
  const [bits, to] = [Number.parseInt(mask, 16), Number.parseInt(destination, 16)];
  const flagBits = Number.parseInt(flags, 16);
  if (Number.isNaN(bits) || ((address & bits) ^ to) !== 0 || !isUsable(flagBits)) return undefined;
  const prefix = bitsOf(bits);
  return { device, prefix, toHost: prefix === 32, direct: (flagBits & GATEWAY) === 0, metric: Number(metric) };
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

function routeLine6(line: string, address: string): RouteLine | undefined {
  const [to = '', length = '', , , , metric = '', , , flags = '', device = ''] = line.trim().split(/\s+/);
  const prefix = Number.parseInt(length, 16);
  const flagBits = Number.parseInt(flags, 16);
  if (Number.isNaN(prefix) || !startsAlike(address, to, prefix) || !isUsable(flagBits)) return undefined;
  const direct = (flagBits & GATEWAY) === 0;
  return { device, prefix, toHost: prefix === 128, direct, metric: Number.parseInt(metric, 16) };
}

function isBetter(a: RouteLine, b: RouteLine): boolean {
  return a.prefix > b.prefix || (a.prefix === b.prefix && a.metric < b.metric);
}

function best(lines: readonly (RouteLine | undefined)[]): Route | undefined {
  let found: RouteLine | undefined;
  for (const line of lines) if (line !== undefined && (found === undefined || isBetter(line, found))) found = line;
  return found && { device: found.device, toHost: found.toHost, direct: found.direct };
}

/** The route to `address` in the text of `/proc/net/route`, or of `/proc/net/ipv6_route` for an IPv6 address. */
export function routeIn(table: string, address: string): Route | undefined {
  const lines = table.split('\n');
  if (isIPv4(address)) {
    const wanted = littleEndian(address);
    return best(lines.slice(1).map((line) => routeLine4(line, wanted)));
  }
  const wanted = hexOf6(address);
  return wanted === undefined ? undefined : best(lines.map((line) => routeLine6(line, wanted)));
}

const COMPLETE = 0x2;

/** Who answered for `address` on `device`, by the text of `/proc/net/arp`. */
export function neighbourIn(table: string, address: string, device: string): string | undefined {
  for (const line of table.split('\n')) {
    if (!line.startsWith(`${address} `)) continue;
    const [, , flags = '', hardwareAddress, , on] = line.split(/\s+/);
    if (on === device && (Number.parseInt(flags, 16) & COMPLETE) !== 0) return hardwareAddress;
  }
  return undefined;
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
