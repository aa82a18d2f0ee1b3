import { readFileSync } from 'node:fs';

/** Of Linux everywhere that this runs; `getconf CLK_TCK`. */
const TICKS_PER_SECOND = 100;
const KIB = 1024;

/** Processor time that a process has used, in milliseconds. */
export function cpuMs(pid: number): number {
  // The second field is the program's name in brackets, which may hold spaces.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return ((Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND) * 1000;
}

/** Memory that a process holds now, in bytes. */
export function rss(pid: number): number {
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  if (found === null) throw new Error('the kernel does not tell VmRSS');
  return Number(found[1]) * KIB;
}
