/**
 * Tidies up after the sandbox when that is gone, however it went: a SIGKILL leaves it no time to do so itself. Each line
 * of standard input is a word and what it is about; the end of the input means that the sandbox has ended.
 *
 *     start <pid>    a process group to end
 *     end <pid>      it has ended
 *     cluster <path>     folder of a real control plane, to end and to remove
 *     no-cluster <path>  it has ended
 *     remove <path>  a file or folder that nobody is to find
 *     keep <path>    it may stay
 */
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';

const groups = new Set<number>();
const clusters = new Set<string>();
const paths = new Set<string>();

const WORDS: Readonly<Record<string, (about: string) => void>> = {
  start: (pid) => void groups.add(Number(pid)),
  end: (pid) => void groups.delete(Number(pid)),
  cluster: (path) => void clusters.add(path),
  'no-cluster': (path) => void clusters.delete(path),
  remove: (path) => void paths.add(path),
  keep: (path) => void paths.delete(path),
};

process
  .on('SIGINT', () => undefined)
  .on('SIGTERM', () => undefined)
  .on('SIGHUP', () => undefined);
for await (const line of createInterface({ input: process.stdin })) {
  const [word = '', ...about] = line.split(' ');
  WORDS[word]?.(about.join(' '));
}
for (const pid of groups) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // it had ended before
  }
}
for (const folder of clusters) {
  const { endControlPlane } = await import('./control-plane.ts');
  // what cannot be ended now is ended by the next start in that folder
  await endControlPlane(folder).catch(() => undefined);
}
for (const path of paths) rmSync(path, { recursive: true, force: true, maxRetries: 3 });
