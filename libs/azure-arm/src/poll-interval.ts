/**
 * How long to wait for the next poll of a write that has been under way for `elapsedMs`, where ARM says nothing by
 * `Retry-After`: 4 % of that time. So the end of a write is known at most 4 % late, a write of 7 s takes some 35 polls
 * and one of a minute some 90. The budget for reads makes the polls rarer when many writes are under way.
 */
export function pollIntervalMs(elapsedMs: number): number {
  return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, elapsedMs / 25));
}

const SHORTEST_MS = 200;
const LONGEST_MS = 10_000;
