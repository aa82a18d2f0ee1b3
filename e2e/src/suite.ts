import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { CLUSTER_FILES, groupsOf } from './groups.ts';

const root = join(import.meta.dirname, '../..');
const SUMMARY = /^(\d+) passed, (\d+) failed, (\d+) skipped$/;

/** What a run of Jest ended with: `[passed, failed, skipped]`, or undefined if it did not come so far. */
type Counts = readonly number[] | undefined;

interface Ended {
  readonly code: number | null;
  readonly counts: Counts;
}

/**
 * Runs Jest over the suite's files, or over those that the arguments name.
 * @returns whether everything passed. The last line printed is `N passed, N failed, N skipped`, of all together.
 */
export async function runSuite(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<boolean> {
  const ended = await Promise.all(groupsOf(argv, CLUSTER_FILES).map((args) => runJest(args, env)));
  const counts = ended.map((each) => each.counts ?? [0, 1, 0]);
  const [passed, failed, skipped] = [0, 1, 2].map((at) => counts.reduce((sum, each) => sum + (each[at] ?? 0), 0));
  process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
  return ended.every(({ code }) => code === 0);
}

async function runJest(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> {
  const jest = join(root, 'node_modules/jest/bin/jest.js');
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const args = [...flags, jest, '--config', join(root, 'e2e/jest.config.js'), ...argv];
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['inherit', 'pipe', 'pipe'] });
  let counts: Counts;
  createInterface({ input: child.stderr }).on('line', (line) => process.stderr.write(`${line}\n`));
  createInterface({ input: child.stdout }).on('line', (line) => {
    const summary = SUMMARY.exec(line);
    if (summary === null) process.stdout.write(`${line}\n`);
    else counts = summary.slice(1).map(Number);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, counts };
}
