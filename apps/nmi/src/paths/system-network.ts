/** The kernel's view of this network namespace, by files alone: images need no `ip`, and no process is started. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { neighboursOf, portIn, routesOf4, routesOf6 } from './network-tables.ts';
import type { Clock } from '@aad-pod-identity/runtime';
import { type NetworkView, type Path, pathOf } from './path.ts';

/** What a decision about a path asks of the machine. */
export interface Network {
  /** For this turn, not for keeping. */
  readonly look: () => Look;
}

export interface Look {
  readonly pathOf: (address: string) => Path | undefined;
}

export interface NetworkFolders {
  readonly proc: string;
  readonly sys: string;
}

const FOLDERS: NetworkFolders = { proc: '/proc/net', sys: '/sys/class/net' };
const ETHERNET = '1';

/**
 * How long one look at the tables goes for all who ask. With hundreds of pods a look costs a quarter of a millisecond,
 * and no sandbox is made and a program in it started within this time.
 */
const LOOK_MS = 50;

/** What cannot be read tells nothing, and nothing told is never taken for the same. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}

function bytesOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    return Buffer.alloc(0);
  }
}

/** sysfs gives every device a number of its own, which is not used again as long as the machine runs. */
function numberOf(folder: string): string | undefined {
  return statSync(folder, { bigint: true, throwIfNoEntry: false })?.ino.toString();
}

/** A veth or a tap. All others that look like Ethernet have a card behind them, or a type that uevent names. */
function isPair(folder: string): boolean {
  const isEthernet = textOf(`${folder}/type`).trim() === ETHERNET;
  return isEthernet && !textOf(`${folder}/uevent`).includes('DEVTYPE=') && !existsSync(`${folder}/device`);
}

const numberOfPort = (folder: string): number => Number(textOf(`${folder}/port_no`).trim() || Number.NaN);

/** Names of bridge ports by their numbers. A name that was right is tried first: a bridge may have hundreds. */
function portNames(): (bridge: string, number: number) => string | undefined {
  const known = new Map<string, string>();
  return (bridge, number) => {
    const key = `${bridge} ${number}`;
    const guess = known.get(key);
    if (guess !== undefined && numberOfPort(`${bridge}/brif/${guess}`) === number) return guess;
    const ports = existsSync(`${bridge}/brif`) ? readdirSync(`${bridge}/brif`) : [];
    const found = ports.find((port) => numberOfPort(`${bridge}/brif/${port}`) === number);
    if (found !== undefined) known.set(key, found);
    return found;
  };
}

/** More than a node has pods at once; names are made anew for each. */
const MAX_KNOWN = 1_000;

/** Births of interfaces that lead to one pod. What an interface is does not change, so that is asked once of each. */
function births(): (folder: string) => string | undefined {
  const pairs = new Map<string, string>();
  return (folder) => {
    const born = numberOf(folder);
    if (born === undefined || pairs.get(folder) === born) return born;
    if (!isPair(folder)) return undefined;
    if (pairs.size >= MAX_KNOWN) pairs.clear();
    pairs.set(folder, born);
    return born;
  };
}

function once<T>(read: (key: string) => T): (key: string) => T {
  const known = new Map<string, { readonly value: T }>();
  return (key) => {
    const found = known.get(key) ?? { value: read(key) };
    known.set(key, found);
    return found.value;
  };
}

/** Reads when it is first asked for. */
function lazily<T>(read: () => T): () => T {
  const value = once(read);
  return () => value('');
}

export function systemNetwork(clock: Clock, { proc, sys }: NetworkFolders = FOLDERS): Network {
  const portNamed = portNames();
  const birthOf = births();
  const take = (): Look => {
    const routes4 = lazily(() => routesOf4(textOf(`${proc}/route`)));
    const routes6 = lazily(() => routesOf6(textOf(`${proc}/ipv6_route`)));
    const neighbours = lazily(() => neighboursOf(textOf(`${proc}/arp`)));
    const forwarding = once((bridge) => bytesOf(`${sys}/${bridge}/brforward`));
    const view: NetworkView = {
      route: (address) => (isIPv4(address) ? routes4() : routes6())(address),
      isBridge: once((device) => existsSync(`${sys}/${device}/bridge`)),
      neighbour: (address, device) => neighbours()(address, device),
      portOf: (bridge, hardwareAddress) => {
        const number = portIn(forwarding(bridge), hardwareAddress);
        return number === undefined ? undefined : portNamed(`${sys}/${bridge}`, number);
      },
      birthOf: (device) => birthOf(`${sys}/${device}`),
    };
    return { pathOf: once((address) => pathOf(address, view)) };
  };
  let last: { readonly look: Look; readonly at: number } | undefined;
  return {
    look: () => {
      const now = clock.monotonic();
      if (last === undefined || now - last.at >= LOOK_MS) last = { look: take(), at: now };
      return last.look;
    },
  };
}
