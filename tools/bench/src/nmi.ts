import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { boolFlag, intFlag, type MainContext, parseFlags, systemClock } from '@aad-pod-identity/runtime';
import type { Bench } from './bench.ts';
import { machine } from './machine.ts';
import { startBare } from './nmi/bare.ts';
import { startsAfterKills } from './nmi/kills.ts';
import { type Load, percentile } from './nmi/load.ts';
import { type Bundle, bundleNmi, cpuLimit, type Program, startNmi } from './nmi/program.ts';
import { RESOURCE, tokenPath } from './nmi/protocol.ts';
import { type RemoteWorld, startWorld } from './nmi/remote-world.ts';
import {
  addedSeries,
  assignmentDelay,
  besideFlood,
  firstToken,
  keepAlive,
  manyPods,
  type Measured,
  measured,
  newConnections,
  PACED_PER_SECOND,
  stampede,
  warmUp,
} from './nmi/scenarios.ts';
import { rss } from './nmi/usage.ts';
import { table } from './table.ts';

const flags = {
  seconds: intFlag({ default: 5, min: 1, help: 'How long each load lasts.' }),
  pods: intFlag({ default: 250, min: 1, help: 'Pods of the node.' }),
  identities: intFlag({ default: 20, min: 1, help: 'Identities that they share.' }),
  requests: intFlag({
    default: 1_000_000,
    min: 0,
    help: 'Requests before memory is looked at again; 0 leaves it out.',
  }),
  limited: boolFlag({ default: true, help: 'Also under a CPU limit of 200m, where control groups can be made.' }),
};

const MIB = 2 ** 20;
const LIMIT_MILLICORES = 200;

type Row = readonly string[];
const HEAD: Row = ['', 'req/s', 'p50 ms', 'p99 ms', 'CPU ms/req', 'failed'];

function row(title: string, { perSecond, p50, p99, cpuPerRequest, failures }: Measured): Row {
  return [title, perSecond.toFixed(0), p50.toFixed(2), p99.toFixed(2), cpuPerRequest.toFixed(3), String(failures)];
}

const share = (ours: Measured, bare: Measured): string => `${((ours.perSecond / bare.perSecond) * 100).toFixed(0)} %`;

interface Context {
  readonly world: RemoteWorld;
  readonly nmi: Program;
  readonly load: Load;
  readonly seconds: number;
  readonly signal: AbortSignal;
}

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

/** The loads that have a peer, each beside it. */
async function besideBare({ world, nmi, load, seconds, signal }: Context): Promise<void> {
  const bare = await startBare(load, signal);
  const pair = async (title: string, run: (load: Load, seconds: number) => Promise<Measured>): Promise<Row[]> => {
    const ours = await run(load, seconds);
    nmi.forgetLog();
    const theirs = await run(bare.load, seconds);
    return [row(title, ours), row(`  bare node:http`, theirs), [`  share of the bare server's`, share(ours, theirs)]];
  };
  const of = (scenario: typeof keepAlive) => (on: Load, time: number) =>
    measured(on === load ? nmi.pid : bare.pid, () => scenario(on, time));
  const rows = await pair('warm, keep-alive, 100 connections, IMDS at 0 ms', of(keepAlive));
  await world.tell('latency', { ms: 20 });
  rows.push(...(await pair('the same, IMDS at 20 ms', of(keepAlive))));
  rows.push(
    ...(await pair(
      'the same, 10 connections',
      of((on, time) => keepAlive(on, time, 10)),
    )),
  );
  rows.push(...(await pair('new connection each, 100 at once', of(newConnections))));
  await bare.child.end();
  print(table(HEAD, rows));
}

async function pacedLoad({ world, nmi, load, seconds }: Context): Promise<void> {
  await world.tell('latency', { ms: 50 });
  const before = await world.tokenCalls();
  const figures = await measured(nmi.pid, () => manyPods(load, seconds));
  const calls = (await world.tokenCalls()).all - before.all;
  nmi.forgetLog();
  print(
    table(HEAD, [row(`${PACED_PER_SECOND} requests/s from ${load.addresses.length} pods, IMDS at 50 ms`, figures)]),
  );
  print(`calls of IMDS for them: ${calls}`);
  await world.tell('latency', { ms: 0 });
}

async function memory({ nmi, load, signal }: Context, requests: number): Promise<void> {
  print(`RSS with ${load.addresses.length} pods: ${(rss(nmi.pid) / MIB).toFixed(0)} MiB after the loads above`);
  let made = 0;
  const seen: string[] = [];
  while (made < requests && !signal.aborted) {
    const { requests: more } = await keepAlive(load, 10);
    made += more;
    nmi.forgetLog();
    seen.push(`${(made / 1000).toFixed(0)}k: ${(rss(nmi.pid) / MIB).toFixed(0)}`);
  }
  if (requests > 0) print(`RSS in MiB after so many requests more: ${seen.join(', ')}`);
  print(`RSS in MiB a quiet minute later: ${await quietRss(nmi)}`);
}

/** NMI gives memory back when it was not asked for a while. */
const QUIET_MS = 65_000;

/** In MiB, once nobody has asked for so long. */
async function quietRss({ pid }: Program): Promise<string> {
  await systemClock.sleep(QUIET_MS);
  return (rss(pid) / MIB).toFixed(0);
}

async function besideOthers({ load, nmi, seconds }: Context): Promise<void> {
  const { quiet, flood } = await besideFlood(load, seconds);
  nmi.forgetLog();
  print(
    `a pod at 50 requests/s beside 2,000 idle connections and a pod that asks without end: p50 ${quiet.p50.toFixed(1)} ms, ` +
      `p99 ${quiet.p99.toFixed(1)} ms, ${quiet.failures} failed; the other got ${flood.requests} tokens and ` +
      `${flood.failures} refusals`,
  );
}

/** What is quick to find out and has no peer. */
async function singleFigures(
  bundle: Bundle,
  { world, nmi, signal }: Context,
  settings: { pods: number; identities: number },
) {
  print(
    `from Assigned to the waiting pod's 200, p99 of 100: ${(await assignmentDelay(nmi, world, 100)).toFixed(1)} ms`,
  );
  print(`series added by 10,000 different resources: ${await addedSeries(nmi, world.ready.principalAddress, 10_000)}`);
  const strict = await startWorld({ ...settings, imdsLimits: true }, signal);
  const fresh = await startNmi(bundle, strict.ready);
  print(`start to first token: ${(await firstToken(fresh, strict.ready.addresses[0] ?? '')).toFixed(0)} ms`);
  print(
    `RSS idle with ${settings.pods} pods: ${(rss(fresh.pid) / MIB).toFixed(0)} MiB at first, ${await quietRss(fresh)} MiB`,
  );
  const { answered, ms, calls, refused } = await stampede(fresh, strict);
  print(
    `200 identical requests, 50 at once, IMDS with its limits: ${answered} answered in ${ms.toFixed(0)} ms, ` +
      `${calls} calls of IMDS, ${refused} of them refused`,
  );
  await fresh.end();
  await strict.end();
}

async function afterKills(bundle: Bundle, { world, load }: Context): Promise<void> {
  const times = await startsAfterKills(bundle, world.ready, load);
  const [median, slowest] = [percentile(times, 0.5), Math.max(...times)].map((ms) => ms.toFixed(0));
  print(
    `start to first token, ${times.length} starts, each after a SIGKILL under load: median ${median} ms, slowest ${slowest} ms`,
  );
}

async function underLimit(context: Context, bundle: Bundle): Promise<void> {
  const limit = cpuLimit(LIMIT_MILLICORES);
  const { world, load, seconds } = context;
  const nmi = await startNmi(bundle, world.ready);
  try {
    limit.add(nmi.pid);
    const own = { ...load, port: nmi.port };
    await warmUp(own);
    const rows = [
      row('warm, keep-alive, 100 connections', await measured(nmi.pid, () => keepAlive(own, seconds))),
      row('new connection each, 100 at once', await measured(nmi.pid, () => newConnections(own, seconds))),
      row(
        `${PACED_PER_SECOND} requests/s`,
        await measured(nmi.pid, () => manyPods({ ...own, addresses: own.addresses.slice(0, 25) }, seconds)),
      ),
    ];
    print(`under a CPU limit of ${LIMIT_MILLICORES}m:\n${table(HEAD, rows)}`);
  } finally {
    await nmi.end();
    limit.remove();
  }
}

async function run({ argv, env, signal }: MainContext): Promise<void> {
  const { seconds, pods, identities, requests, limited } = parseFlags(flags, argv, env);
  const folder = mkdtempSync(join(tmpdir(), 'bench-nmi-'));
  const world = await startWorld({ pods, identities, imdsLimits: false }, signal);
  try {
    const bundle = await bundleNmi(folder);
    const nmi = await startNmi(bundle, world.ready);
    const load = { port: nmi.port, path: tokenPath(RESOURCE), addresses: world.ready.addresses, signal };
    const context = { world, nmi, load, seconds, signal };
    print(`${machine()}\n${pods} pods, ${identities} identities, ${seconds} s each\n`);
    await warmUp(load);
    await besideBare(context);
    await pacedLoad(context);
    await memory(context, requests);
    await besideOthers(context);
    await singleFigures(bundle, context, { pods, identities });
    await nmi.end();
    await afterKills(bundle, context);
    if (limited) await underLimit(context, bundle);
  } finally {
    await world.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

export const nmi: Bench = {
  summary: 'token requests through NMI, beside a bare server that sends the same bytes',
  flags,
  run,
};
