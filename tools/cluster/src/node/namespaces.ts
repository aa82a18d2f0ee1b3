import { join } from 'node:path';

/** The namespaces of a node; the user namespace is the machine's, for root is needed inside. */
const UNSHARE = ['--mount', '--net', '--pid', '--uts', '--ipc'];
const ENTER = ['-m', '-n', '-p', '-u', '-i'];

/**
 * The process that holds the node's namespaces. Its end is the end of every process in them, and with the last of these
 * go the mounts and the network: so that ending one recorded process takes down a node.
 */
export function holderCommand(pause: string): string[] {
  return ['unshare', ...UNSHARE, '--fork', '--mount-proc', '--kill-child=KILL', pause];
}

/** @param init pid of the node's first process, as this machine sees it */
export function enterCommand(init: number, command: readonly string[]): string[] {
  return ['nsenter', '-t', String(init), ...ENTER, '--', ...command];
}

/** A program in the node that ends with the process that is recorded for it, which stands outside. */
export function componentCommand(init: number, command: readonly string[]): string[] {
  return enterCommand(init, ['setpriv', '--pdeathsig', 'KILL', ...command]);
}

/** Folders of this machine that the node sees, and writes to, without this machine seeing what it writes. */
const OVERLAID = ['/etc', '/opt', '/var/lib', '/var/log'];

/** Folders that keep what is in them while the node is down; on disk, for an overlay cannot hold another one. */
const KEPT = ['/var/lib/kubelet', '/var/lib/containerd', '/var/lib/cni', '/var/log/pods', '/var/log/containers'];

/** Settings of the whole machine that kubelet insists on; it is shown files with these values instead. */
const SHOWN_SYSCTLS: Readonly<Record<string, string>> = {
  'vm/overcommit_memory': '1',
  'vm/panic_on_oom': '0',
  'kernel/panic': '10',
  'kernel/panic_on_oops': '1',
  'kernel/keys/root_maxkeys': '1000000',
  'kernel/keys/root_maxbytes': '25000000',
};

export interface NodeFolders {
  /** Kept folders, by the path at which the node sees them. */
  readonly kept: Readonly<Record<string, string>>;
  /** Files that are shown in place of settings: setting -> file and its content. */
  readonly sysctls: Readonly<Record<string, { readonly file: string; readonly value: string }>>;
}

export function nodeFolders(root: string): NodeFolders {
  const sysctl = (name: string) => join(root, 'sysctl', name.replaceAll('/', '_'));
  return {
    kept: Object.fromEntries(KEPT.map((path) => [path, join(root, 'fs', path)])),
    sysctls: Object.fromEntries(
      Object.entries(SHOWN_SYSCTLS).map(([name, value]) => [`/proc/sys/${name}`, { file: sysctl(name), value }]),
    ),
  };
}

function overlay(path: string): string[][] {
  const changes = join('/run/changes', path.replaceAll('/', '_'));
  const [upper, work] = [join(changes, 'upper'), join(changes, 'work')];
  return [
    ['mkdir', '-p', upper, work],
    ['mount', '-t', 'overlay', 'overlay', '-o', `lowerdir=${path},upperdir=${upper},workdir=${work}`, path],
  ];
}

/** What makes new namespaces a node, in order; each is run inside. */
export function setupCommands(hostname: string, { kept, sysctls }: NodeFolders): string[][] {
  const bind = (from: string, to: string) => ['mount', '--bind', from, to];
  return [
    ['hostname', hostname],
    // the namespace was made private, so what is shared from here on is shared among the node's pods only
    ['mount', '--make-rshared', '/'],
    ['mount', '-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', '/run'],
    ['mkdir', '-p', '/run/netns', '/run/lock'],
    ...OVERLAID.flatMap(overlay),
    ...Object.entries(kept).flatMap(([path, from]) => [['mkdir', '-p', path], bind(from, path)]),
    ...Object.entries(sysctls).map(([path, { file }]) => bind(file, path)),
    ['ip', 'link', 'set', 'lo', 'up'],
    ['sh', '-c', 'echo 1 >/proc/sys/net/ipv4/ip_forward'],
  ];
}
