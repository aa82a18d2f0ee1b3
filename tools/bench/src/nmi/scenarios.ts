import { get } from 'node:http';
import { text } from 'node:stream/consumers';
import { systemClock } from '@aad-pod-identity/runtime';
import { Connection } from './connection.ts';
import { closedLoop, type Load, type LoadFigures, paced, percentile } from './load.ts';
import type { Program } from './program.ts';
import { RESOURCE, tokenPath } from './protocol.ts';
import type { RemoteWorld } from './remote-world.ts';
import { cpuMs } from './usage.ts';

export const WARM_CONNECTIONS = 100;
export const PACED_PER_SECOND = 1_000;

/** How a server did under a load, with the processor time of one request in milliseconds. */
export interface Measured extends LoadFigures {
  readonly cpuPerRequest: number;
}

export async function measured(pid: number, run: () => Promise<LoadFigures>): Promise<Measured> {
  const before = cpuMs(pid);
  const figures = await run();
  return { ...figures, cpuPerRequest: (cpuMs(pid) - before) / figures.requests };
}

export const keepAlive = (load: Load, seconds: number, connections = WARM_CONNECTIONS) =>
  closedLoop(load, { connections, seconds, keepAlive: true });
export const newConnections = (load: Load, seconds: number) =>
  closedLoop(load, { connections: WARM_CONNECTIONS, seconds, keepAlive: false });
export const manyPods = (load: Load, seconds: number) => paced(load, { perSecond: PACED_PER_SECOND, seconds });

/** One request for each pod, so that whatever can be remembered is. */
export async function warmUp(load: Load): Promise<void> {
  for (const from of load.addresses) {
    const connection = new Connection(load, from, { keepAlive: true });
    const { status, body } = await connection.ask();
    if (status !== 200) throw new Error(`a pod got ${status}: ${body}`);
    connection.close();
  }
}

const IDLE_CONNECTIONS = 2_000;
const FLOOD_CONNECTIONS = 50;

/** How a pod fares that asks 50 times a second, while others hold 2,000 idle connections and one asks without end. */
export async function besideFlood(load: Load, seconds: number): Promise<{ quiet: LoadFigures; flood: LoadFigures }> {
  const [flooding = '', quiet = '', ...others] = load.addresses;
  const idle = Array.from(
    { length: IDLE_CONNECTIONS },
    (_, nth) => new Connection(load, others[nth % others.length] ?? '', { keepAlive: true }),
  );
  for (const connection of idle) await connection.ask();
  const [flood, figures] = await Promise.all([
    closedLoop({ ...load, addresses: [flooding] }, { connections: FLOOD_CONNECTIONS, seconds, keepAlive: true }),
    paced({ ...load, addresses: [quiet] }, { perSecond: 50, seconds }),
  ]);
  for (const connection of idle) connection.close();
  return { flood, quiet: figures };
}

/** What 200 requests for one token, 50 at once, cost at an IMDS with its real limits. */
export async function stampede({ port }: Program, world: RemoteWorld) {
  const [from = ''] = world.ready.addresses;
  const before = await world.tokenCalls();
  const startedAt = systemClock.monotonic();
  let left = 200;
  let answered = 0;
  const client = async (): Promise<void> => {
    const connection = new Connection({ port, path: tokenPath('https://vault.azure.net') }, from, { keepAlive: true });
    while (left-- > 0) if ((await connection.ask()).status === 200) answered++;
    connection.close();
  };
  await Promise.all(Array.from({ length: 50 }, client));
  const after = await world.tokenCalls();
  return {
    answered,
    ms: systemClock.monotonic() - startedAt,
    calls: after.all - before.all,
    refused: after.refused - before.refused,
  };
}

/** Milliseconds from an identity's assignment in the cluster to the answer of the pod that waits for it, 99th percentile. */
export async function assignmentDelay({ port }: Program, world: RemoteWorld, times: number): Promise<number> {
  const delays: number[] = [];
  for (let nth = 0; nth < times; nth++) {
    const name = `late-${nth}`;
    const from = (await world.tell('pending', { name })) as string;
    const connection = new Connection({ port, path: tokenPath(RESOURCE) }, from, { keepAlive: true });
    const answer = connection.ask().then(({ status }) => ({ status, at: systemClock.now() }));
    // slower than the limits of IMDS, which NMI keeps to
    await systemClock.sleep(80);
    const assignedAt = (await world.tell('assign', { name })) as number;
    const { status, at } = await answer;
    if (status !== 200) throw new Error(`the waiting pod got ${status}`);
    delays.push(at - assignedAt);
    connection.close();
  }
  return percentile(delays, 0.99);
}

async function series(metricsPort: number): Promise<number> {
  const metrics = await new Promise<string>((resolve, reject) => {
    get({ host: '127.0.0.1', port: metricsPort, path: '/metrics' }, (answer) => {
      text(answer).then(resolve, reject);
    }).on('error', reject);
  });
  return metrics.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
}

/** How many series `count` different resources add, and how long the text of all is afterwards. */
export async function addedSeries({ port, metricsPort }: Program, from: string, count: number): Promise<number> {
  const connection = new Connection({ port, path: tokenPath(RESOURCE) }, from, { keepAlive: true });
  await connection.ask();
  const before = await series(metricsPort);
  for (let nth = 0; nth < count; nth++) await connection.ask(tokenPath(`https://resource-${nth}.example`));
  connection.close();
  return (await series(metricsPort)) - before;
}

/** Milliseconds from the start of a process to the first token that a pod gets. */
export async function firstToken(program: Program, from: string): Promise<number> {
  const startedAt = systemClock.monotonic();
  const connection = new Connection({ port: program.port, path: tokenPath(RESOURCE) }, from, { keepAlive: true });
  const { status } = await connection.ask();
  if (status !== 200) throw new Error(`the first request got ${status}`);
  connection.close();
  return program.readyMs + systemClock.monotonic() - startedAt;
}
