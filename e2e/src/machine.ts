import { execFileSync } from 'node:child_process';
import { RUN_MARK } from '@aad-pod-identity/cluster';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const run = (program: string, ...args: string[]) => execFileSync(program, args, { encoding: 'utf8' });

/** Counters and the time of the listing are no rules. */
function rules(listing: string): string {
  return listing
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n')
    .replaceAll(/\[\d+:\d+\]/g, '[]');
}

/** What a test cluster must leave as it was: rules, routes, links and mounts of this machine, and the folders it may not fill. */
export function machineState(): Readonly<Record<string, string>> {
  return {
    'iptables (nft)': rules(run('iptables-nft-save')),
    'iptables (legacy)': rules(run('iptables-legacy-save')),
    routes: run('ip', 'route', 'show', 'table', 'all'),
    links: run('ip', '-brief', 'link'),
    mounts: readFileSync('/proc/self/mountinfo', 'utf8'),
    'control groups': readdirSync('/sys/fs/cgroup')
      .flatMap((hierarchy) => listing(`/sys/fs/cgroup/${hierarchy}`))
      .filter((path) => path.includes('aad-pod-identity'))
      .join('\n'),
    folders: ['/etc', '/etc/cni', '/opt', '/run', '/var/lib', '/var/lib/kubelet', '/var/lib/cni', '/var/log']
      .flatMap(listing)
      .join('\n'),
  };
}

function listing(folder: string): string[] {
  try {
    return existsSync(folder) ? readdirSync(folder).map((name) => `${folder}/${name}`) : [];
  } catch {
    return [];
  }
}

type MachineState = ReturnType<typeof machineState>;

/** What of this machine is not as it was, a line each. */
export function leftBehind(before: MachineState, after: MachineState): string[] {
  return Object.keys(before).flatMap((part) => {
    const lines = (state: MachineState): string[] => (state[part] ?? '').split('\n');
    const [old, now] = [lines(before), lines(after)];
    const gone = old.filter((line) => !now.includes(line)).map((line) => `${part}: gone is ${line}`);
    const come = now.filter((line) => !old.includes(line)).map((line) => `${part}: new is ${line}`);
    return [...gone, ...come];
  });
}

/** Whether a process of that pid still does something; one that has ended may wait long for its parent to notice. */
export function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** The processes of a run that still do something, a line each. A namespace lives as long as one of them. */
export function processesOf(run: string): string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids
    .filter((pid) => isAlive(Number(pid)) && hasMark(pid, run))
    .map((pid) => `process ${pid}: ${commandOf(pid)}`);
}

function hasMark(pid: string, run: string): boolean {
  return readOf(pid, 'environ').split('\0').includes(`${RUN_MARK}=${run}`);
}

const commandOf = (pid: string): string => readOf(pid, 'cmdline').split('\0').slice(0, 4).join(' ');

/** Empty for a process that has ended in the meantime. */
function readOf(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
