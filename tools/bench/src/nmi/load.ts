import { type Clock, systemClock } from '@aad-pod-identity/runtime';
import { Connection, type Target } from './connection.ts';

/** What many requests were like; times in milliseconds. */
export interface LoadFigures {
  readonly requests: number;
  readonly failures: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

export interface Load extends Target {
  readonly addresses: readonly string[];
  readonly signal: AbortSignal;
  readonly clock?: Clock;
}

/** The value below which `share` of the values lie; NaN for none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

function figuresOf(times: readonly number[], failures: number, elapsedMs: number): LoadFigures {
  return {
    ...{ requests: times.length, failures, perSecond: (times.length / elapsedMs) * 1000 },
    ...{ p50: percentile(times, 0.5), p99: percentile(times, 0.99) },
  };
}

/** `connections` clients at once, each of which asks again as soon as it has its answer. */
export async function closedLoop(
  load: Load,
  { connections, seconds, keepAlive }: { connections: number; seconds: number; keepAlive: boolean },
): Promise<LoadFigures> {
  const { addresses, clock = systemClock, signal } = load;
  const times: number[] = [];
  let failures = 0;
  const startedAt = clock.monotonic();
  const until = startedAt + seconds * 1000;
  const client = async (nth: number): Promise<void> => {
    const from = addresses[nth % addresses.length] ?? '127.0.0.1';
    let connection = new Connection(load, from, { keepAlive });
    for (let now = clock.monotonic(); now < until && !signal.aborted; now = clock.monotonic()) {
      try {
        const { status } = await connection.ask();
        if (status === 200) times.push(clock.monotonic() - now);
        else failures++;
      } catch {
        failures++;
        connection.close();
        connection = new Connection(load, from, { keepAlive });
      }
      if (keepAlive) continue;
      connection.close();
      connection = new Connection(load, from, { keepAlive });
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: connections }, (_, nth) => client(nth)));
  return figuresOf(times, failures, clock.monotonic() - startedAt);
}

/** `perSecond` requests a second, from each address in turn; a late answer delays no request of another pod. */
export async function paced(
  load: Load,
  { perSecond, seconds }: { perSecond: number; seconds: number },
): Promise<LoadFigures> {
  const { addresses, clock = systemClock, signal } = load;
  const connections = addresses.map((from) => new Connection(load, from, { keepAlive: true }));
  const last: Promise<unknown>[] = connections.map(() => Promise.resolve());
  const times: number[] = [];
  let failures = 0;
  const startedAt = clock.monotonic();
  const ask = async (nth: number, dueAt: number): Promise<void> => {
    try {
      const answer = await connections[nth % connections.length]?.ask();
      if (answer?.status === 200) times.push(clock.monotonic() - dueAt);
      else failures++;
    } catch {
      failures++;
    }
  };
  for (let nth = 0; nth < perSecond * seconds && !signal.aborted; nth++) {
    const dueAt = startedAt + (nth * 1000) / perSecond;
    const early = dueAt - clock.monotonic();
    if (early > 0) await clock.sleep(early);
    const slot = nth % connections.length;
    last[slot] = (last[slot] ?? Promise.resolve()).then(() => ask(nth, dueAt));
  }
  await Promise.all(last);
  for (const connection of connections) connection.close();
  return figuresOf(times, failures, clock.monotonic() - startedAt);
}
