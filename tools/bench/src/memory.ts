import { readFileSync } from 'node:fs';

const KIB = 1024;

/** The most memory that the process ever held at once, in bytes: `VmHWM` of Linux. */
export function peakRss(pid: number | 'self' = 'self'): number {
  const found = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  if (found === null) throw new Error('the kernel does not tell VmHWM');
  return Number(found[1]) * KIB;
}

/** Heap in use once everything unreachable is gone. @throws unless Node runs with `--expose-gc`. */
export function heapAfterGc(): number {
  if (globalThis.gc === undefined) throw new Error('run with --expose-gc');
  for (let times = 0; times < 3; times++) globalThis.gc();
  return process.memoryUsage().heapUsed;
}
