import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Clock, intFlag, type MainContext, parseFlags, systemClock } from '@aad-pod-identity/runtime';
import type { Bench } from './bench.ts';
import { bundleInto } from './bundle.ts';
import { machine } from './machine.ts';
import { median, table } from './table.ts';

const flags = { runs: intFlag({ default: 10, min: 1, help: 'How often each program is started; medians are shown.' }) };

const APPS = ['mic', 'nmi', 'identity-validator'];
const workspaceRoot = join(dirname(fileURLToPath(import.meta.url)), '../../..');
/** Certificates of the environment would be read at each start; a pod has none. */
const env = { ...process.env, NODE_EXTRA_CA_CERTS: '', NODE_OPTIONS: '' };
const run = promisify(execFile);

/** Milliseconds from starting the process to its end. */
async function startTime(program: string, clock: Clock, signal: AbortSignal): Promise<number> {
  const startedAt = clock.monotonic();
  await run(process.execPath, [program, '--version'], { env, signal });
  return clock.monotonic() - startedAt;
}

/** The most memory it held, in bytes; a start of its own, because telling costs time. */
async function peakMemory(program: string, reporter: string, signal: AbortSignal): Promise<number> {
  const argv = ['--import', reporter, program, '--version'];
  const child = spawn(process.execPath, argv, { env, signal, stdio: ['ignore', 'ignore', 'inherit', 'pipe'] });
  const [bytes] = await Promise.all([text(child.stdio[3] as Readable), once(child, 'exit')]);
  return Number(bytes);
}

async function measure(program: string, reporter: string, runs: number, signal: AbortSignal) {
  const times: number[] = [];
  const bytes: number[] = [];
  for (let count = 0; count < runs; count++) {
    times.push(await startTime(program, systemClock, signal));
    bytes.push(await peakMemory(program, reporter, signal));
  }
  return { ms: median(times), bytes: median(bytes) };
}

/** The bundles as they go into the images, and one that does nothing, which shows what Node itself costs. */
async function programsIn(folder: string, signal: AbortSignal): Promise<[name: string, program: string][]> {
  const empty = join(folder, 'empty.js');
  writeFileSync(empty, '');
  const programs: [string, string][] = [['(nothing)', empty]];
  for (const app of APPS) {
    const out = join(folder, app);
    const argv = ['tools/workspace/src/build.ts', app, out];
    await run(process.execPath, argv, { cwd: workspaceRoot, env, signal });
    programs.push([app, join(out, 'main.js')]);
  }
  return programs;
}

async function measureAll({ argv, env: variables, signal }: MainContext): Promise<void> {
  const { runs } = parseFlags(flags, argv, variables);
  const folder = mkdtempSync(join(tmpdir(), 'bench-startup-'));
  try {
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    await bundleInto(folder, ['startup/report-memory.ts']);
    const rows: string[][] = [];
    for (const [name, program] of await programsIn(folder, signal)) {
      const { ms, bytes } = await measure(program, join(folder, 'report-memory.js'), runs, signal);
      rows.push([name, ms.toFixed(0), (bytes / 2 ** 20).toFixed(0)]);
    }
    process.stdout.write(`${machine()}\n--version of each bundle; medians of ${runs} runs\n\n`);
    process.stdout.write(table(['', 'ms', 'peak RSS, MB'], rows));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const startup: Bench = {
  summary: 'how long the bundled programs take to start, and the memory that takes',
  flags,
  run: measureAll,
};
