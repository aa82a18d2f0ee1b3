import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { intFlag, type MainContext, parseFlags, systemClock } from '@aad-pod-identity/runtime';
import type { Bench } from './bench.ts';
import { machine } from './machine.ts';
import { Connection, type Target } from './nmi/connection.ts';
import { percentile } from './nmi/load.ts';
import { type Bundle, bundleNmi, type Program, startNmi } from './nmi/program.ts';
import { RESOURCE, tokenPath, type WorldReady } from './nmi/protocol.ts';
import { startWorld } from './nmi/remote-world.ts';

const flags = {
  seconds: intFlag({ default: 60, min: 1, help: 'How long the load lasts.' }),
  'per-second': intFlag({
    default: 100,
    min: 1,
    help: 'Requests a second, half of them on connections that stay open.',
  }),
  replacements: intFlag({ default: 10, min: 1, help: 'How often NMI is replaced in that time.' }),
};

const PODS = 20;

interface Seen {
  readonly times: number[];
  readonly failures: string[];
}

/** Asks once over `kept`, or over a new connection; gives the connection for the next request, if it stays open. */
async function askOnce(target: Target, from: string, kept: Connection | undefined, keepAlive: boolean, seen: Seen) {
  const startedAt = systemClock.monotonic();
  const connection = kept ?? new Connection(target, from, { keepAlive });
  try {
    const { status, head } = await connection.ask();
    if (status === 200) seen.times.push(systemClock.monotonic() - startedAt);
    else seen.failures.push(`status ${status}`);
    if (keepAlive && !/^connection: close/im.test(head)) return connection;
  } catch (error) {
    seen.failures.push(`${kept === undefined ? 'new' : 'old'} connection: ${(error as Error).message}`);
  }
  connection.close();
  return undefined;
}

/** The load: each pod in turn, every second pod over one connection for as long as that lives. */
async function load(target: Target, { addresses }: WorldReady, perSecond: number, seconds: number): Promise<Seen> {
  const seen: Seen = { times: [], failures: [] };
  const kept: Promise<Connection | undefined>[] = addresses.map(() => Promise.resolve(undefined));
  const startedAt = systemClock.monotonic();
  for (let nth = 0; nth < perSecond * seconds; nth++) {
    const early = startedAt + (nth * 1000) / perSecond - systemClock.monotonic();
    if (early > 0) await systemClock.sleep(early);
    const slot = nth % addresses.length;
    const before = kept[slot] ?? Promise.resolve(undefined);
    kept[slot] = before.then((connection) => askOnce(target, addresses[slot] ?? '', connection, slot % 2 === 0, seen));
  }
  for (const connection of await Promise.all(kept)) connection?.close();
  return seen;
}

/** Replaces NMI as a DaemonSet with surge does: the next one is ready before the one before is told to stop. */
async function replace(first: Program, bundle: Bundle, ready: WorldReady, times: number, everyMs: number) {
  let current = first;
  const codes: (number | null)[] = [];
  for (let nth = 0; nth < times; nth++) {
    await systemClock.sleep(everyMs);
    const next = await startNmi(bundle, ready, [`--nmi-port=${first.port}`]);
    codes.push(await current.stop());
    current = next;
  }
  return { codes, last: current };
}

async function run({ argv, env, signal }: MainContext): Promise<void> {
  const { seconds, 'per-second': perSecond, replacements } = parseFlags(flags, argv, env);
  const folder = mkdtempSync(join(tmpdir(), 'bench-rollout-'));
  const world = await startWorld({ pods: PODS, identities: 5, imdsLimits: true }, signal);
  try {
    const bundle = await bundleNmi(folder);
    const nmi = await startNmi(bundle, world.ready);
    const target = { port: nmi.port, path: tokenPath(RESOURCE) };
    // less than its share, so that the starts of programs fit in as well
    const everyMs = (seconds * 900) / (replacements + 1);
    const [seen, { codes, last }] = await Promise.all([
      load(target, world.ready, perSecond, seconds),
      replace(nmi, bundle, world.ready, replacements, everyMs),
    ]);
    await last.end();
    process.stdout.write(
      `${machine()}\n${seconds} s at ${perSecond} requests/s, old and new connections, NMI replaced ${codes.length} times ` +
        `(exit codes ${[...new Set(codes)].join(', ')})\n\n` +
        `answered ${seen.times.length}, failed ${seen.failures.length}, p50 ${percentile(seen.times, 0.5).toFixed(1)} ms, ` +
        `p99 ${percentile(seen.times, 0.99).toFixed(1)} ms, slowest ${Math.max(...seen.times).toFixed(0)} ms\n` +
        [...new Set(seen.failures)].map((failure) => `  ${failure}\n`).join(''),
    );
  } finally {
    await world.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

export const rollout: Bench = {
  summary: 'token requests while NMI is replaced again and again, as a rollout does',
  flags,
  run,
};
