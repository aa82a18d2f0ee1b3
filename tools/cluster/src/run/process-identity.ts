import { readFileSync } from 'node:fs';

/** A process as the kernel knows it: a pid alone may belong to another by the time it is used. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Field 22 of `/proc/<pid>/stat`: clock ticks between the boot of the machine and the start of the process. */
  readonly startTime: string;
}

export interface ProcessStat extends ProcessIdentity {
  /** One letter; Z has ended and only waits for its parent to notice. */
  readonly state: string;
  /** Of a process that has ended, more than one still hold its files and ports. */
  readonly threads: number;
  readonly parent: number;
}

/** Reads a line of `/proc/<pid>/stat`; the program's name in it may hold spaces and parentheses. */
export function parseStat(line: string): ProcessStat | undefined {
  const end = line.lastIndexOf(')');
  const pid = Number.parseInt(line, 10);
  const [state, parent, ...rest] = line
    .slice(end + 2)
    .trim()
    .split(' ');
  // the rest begins with field 5
  const threads = Number(rest[15]);
  const startTime = rest[17];
  if (end < 0 || Number.isNaN(pid) || state === undefined || startTime === undefined) return undefined;
  return { pid, state, parent: Number(parent), threads, startTime };
}

export function readStat(pid: number | 'self'): ProcessStat | undefined {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return undefined;
  }
}

export function ownIdentity(): ProcessIdentity {
  const stat = readStat('self');
  if (stat === undefined) throw new Error('/proc/self/stat cannot be read; this needs Linux with /proc');
  return stat;
}

/** Whether that very process still runs. */
export function isSameProcess({ pid, startTime }: ProcessIdentity): boolean {
  const stat = readStat(pid);
  return stat?.startTime === startTime && (stat.state !== 'Z' || stat.threads > 1);
}

/** Changes with each boot, after which recorded pids and start times mean nothing. */
export function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}
