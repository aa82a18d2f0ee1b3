/**
 * Ends what the sandbox started when the sandbox itself is gone, however it went: a SIGKILL leaves it no time to tidy up.
 * Each line of standard input is `+pid` or `-pid` of a process group; its end means that the sandbox has ended.
 */
import { createInterface } from 'node:readline';

const groups = new Set<number>();

process.on('SIGINT', () => undefined).on('SIGTERM', () => undefined);
for await (const line of createInterface({ input: process.stdin })) {
  const pid = Number(line.slice(1));
  if (line.startsWith('+')) groups.add(pid);
  else groups.delete(pid);
}
for (const pid of groups) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // it had ended before
  }
}
