/** The kernel's view of this network namespace, by files alone: images need no `ip`, and no process is started. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { neighbourIn, portIn, routeIn } from './network-tables.ts';
import { type NetworkView, type Path, pathOf } from './path.ts';

/** What a decision about a path asks of the machine. */
export interface Network {
  /** Reads the tables anew, each when it is first needed: for one moment, not for keeping. */
  readonly look: () => { readonly pathOf: (address: string) => Path | undefined };
  /** Whether the interface of a path is still there, which costs far less than a look. */
  readonly stands: (path: Path) => boolean;
}

export interface NetworkFolders {
  readonly proc: string;
  readonly sys: string;
}

const FOLDERS: NetworkFolders = { proc: '/proc/net', sys: '/sys/class/net' };
const ETHERNET = '1';

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

function once<T>(read: () => T): () => T {
  let known: { readonly value: T } | undefined;
  return () => (known ??= { value: read() }).value;
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

function viewOf({ proc, sys }: NetworkFolders, portNamed: ReturnType<typeof portNames>): NetworkView {
  const routes4 = once(() => textOf(`${proc}/route`));
  const routes6 = once(() => textOf(`${proc}/ipv6_route`));
  const neighbours = once(() => textOf(`${proc}/arp`));
  return {
    route: (address) => routeIn(isIPv4(address) ? routes4() : routes6(), address),
    isBridge: (device) => existsSync(`${sys}/${device}/bridge`),
    neighbour: (address, device) => neighbourIn(neighbours(), address, device),
    portOf: (bridge, hardwareAddress) => {
      const number = portIn(bytesOf(`${sys}/${bridge}/brforward`), hardwareAddress);
      return number === undefined ? undefined : portNamed(`${sys}/${bridge}`, number);
    },
    birthOf: (device) => (isPair(`${sys}/${device}`) ? numberOf(`${sys}/${device}`) : undefined),
  };
}

export function systemNetwork(folders: NetworkFolders = FOLDERS): Network {
  const portNamed = portNames();
  return {
    look: () => {
      const view = viewOf(folders, portNamed);
      return { pathOf: (address) => pathOf(address, view) };
    },
    stands: ({ device, born }) => numberOf(`${folders.sys}/${device}`) === born,
  };
}
