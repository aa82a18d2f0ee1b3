import { backoff, type Outcome } from '@aad-pod-identity/runtime';
import { silentLogger } from '@aad-pod-identity/telemetry';
import { fakeClock } from '@aad-pod-identity/testing';
import { createKeyedQueue } from '../src/index.ts';

const DONE: Outcome = { kind: 'done' };
const RETRY: Outcome = { kind: 'retry' };

/** A queue whose work is answered by the test, one run at a time. */
function queueOf({ concurrency = 10 } = {}) {
  const clock = fakeClock();
  const stopping = new AbortController();
  const runs: { key: string; at: number; end: (outcome: Outcome | Error) => void }[] = [];
  const startedAt = clock.monotonic();
  const queue = createKeyedQueue({
    clock,
    concurrency,
    backoff: backoff({ baseMs: 100, maxMs: 800, jitter: 0 }),
    logger: silentLogger,
    work: (key) => {
      const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
      const end = (outcome: Outcome | Error) => {
        if (outcome instanceof Error) reject(outcome);
        else resolve(outcome);
      };
      runs.push({ key, at: clock.monotonic() - startedAt, end });
      return promise;
    },
  });
  const ended = queue.run(stopping.signal);
  const finish = async (index: number, outcome: Outcome | Error = DONE) => {
    runs[index]?.end(outcome);
    await clock.advance(0);
  };
  const stop = () => {
    stopping.abort(new Error('stop'));
    return ended;
  };
  return {
    queue,
    clock,
    runs,
    finish,
    stop,
    keys: () => runs.map(({ key }) => key),
    times: () => runs.map(({ at }) => at),
  };
}

it('different keys run side by side', async () => {
  const { queue, keys } = queueOf();
  queue.add('a');
  queue.add('b');
  await Promise.resolve();
  expect(keys()).toEqual(['a', 'b']);
});

it('no more keys run at once than allowed, and those that wait come in order', async () => {
  const { queue, keys, finish } = queueOf({ concurrency: 1 });
  for (const key of ['a', 'b', 'c']) queue.add(key);
  expect([keys(), queue.depth()]).toEqual([['a'], 2]);
  await finish(0);
  await finish(1);
  expect(keys()).toEqual(['a', 'b', 'c']);
});

it('one key never runs twice at once; asked for meanwhile, it runs once more afterwards', async () => {
  const { queue, keys, finish } = queueOf();
  queue.add('a');
  for (let times = 0; times < 5; times++) queue.add('a');
  expect(keys()).toEqual(['a']);
  await finish(0);
  expect(keys()).toEqual(['a', 'a']);
  await finish(1);
  expect(keys()).toEqual(['a', 'a']);
});

it('a key that runs again because it was asked for meanwhile is still the only run of it', async () => {
  const { queue, keys, finish } = queueOf();
  queue.add('a');
  queue.add('a');
  await finish(0);
  for (let times = 0; times < 5; times++) queue.add('a');
  expect(keys()).toEqual(['a', 'a']);
  await finish(1);
  expect(keys()).toEqual(['a', 'a', 'a']);
});

it('asked for several times before it runs, a key runs once', async () => {
  const { queue, keys, finish } = queueOf({ concurrency: 1 });
  queue.add('busy');
  for (let times = 0; times < 5; times++) queue.add('a');
  await finish(0);
  await finish(1);
  expect(keys()).toEqual(['busy', 'a']);
});

it('after each failure in a row a key waits longer, up to the limit, and a success forgets them', async () => {
  const { queue, clock, times, finish } = queueOf();
  queue.add('a');
  for (let run = 0; run < 5; run++) {
    await finish(run, RETRY);
    await clock.advance(800);
  }
  expect(times()).toEqual([0, 100, 1_000, 2_000, 3_200, 4_000]);
  await finish(5, DONE);
  queue.add('a');
  await finish(6, RETRY);
  await clock.advance(100);
  expect(times().slice(6)).toEqual([4_000, 4_100]);
});

it('a throw counts as a failure', async () => {
  const { queue, clock, keys, finish } = queueOf();
  queue.add('a');
  await finish(0, new Error('broken'));
  await clock.advance(99);
  expect(keys()).toHaveLength(1);
  await clock.advance(1);
  expect(keys()).toHaveLength(2);
});

it('one key that fails delays no other', async () => {
  const { queue, keys, finish } = queueOf({ concurrency: 1 });
  queue.add('bad');
  await finish(0, RETRY);
  queue.add('good');
  expect(keys()).toEqual(['bad', 'good']);
});

it('a storm of wishes does not cut a failed key’s wait below the first step', async () => {
  const { queue, clock, times, finish } = queueOf();
  queue.add('a');
  await finish(0, RETRY);
  for (let ms = 0; ms < 99; ms++) {
    queue.add('a');
    await clock.advance(1);
  }
  expect(times()).toEqual([0]);
  await clock.advance(1);
  expect(times()).toEqual([0, 100]);
});

it('a key that is told to come later does not run sooner, whoever asks', async () => {
  const { queue, clock, times, finish } = queueOf();
  queue.add('a');
  await finish(0, { kind: 'retryAfter', ms: 20_000 });
  queue.add('a');
  queue.addAfter('a', 5);
  await clock.advance(19_999);
  expect(times()).toEqual([0]);
  await clock.advance(1);
  expect(times()).toEqual([0, 20_000]);
});

it('asked for while it ran, a key that is told to come later runs only then', async () => {
  const { queue, clock, times, finish } = queueOf();
  queue.add('a');
  queue.add('a');
  await finish(0, { kind: 'retryAfter', ms: 1_000 });
  await clock.advance(1_000);
  expect(times()).toEqual([0, 1_000]);
});

it('what cannot succeed is not tried again until somebody asks', async () => {
  const { queue, clock, keys, finish } = queueOf();
  queue.add('a');
  await finish(0, { kind: 'terminal', reason: 'DenyAssignment' });
  await clock.advance(3_600_000);
  expect(keys()).toHaveLength(1);
  queue.add('a');
  expect(keys()).toHaveLength(2);
});

it('of several later wishes the earliest counts', async () => {
  const { queue, clock, times } = queueOf();
  queue.addAfter('a', 500);
  queue.addAfter('a', 200);
  queue.addAfter('a', 900);
  await clock.advance(1_000);
  expect(times()).toEqual([200]);
});

it('told to stop, it starts nothing more and waits for what runs', async () => {
  const { queue, keys, finish, stop } = queueOf({ concurrency: 1 });
  queue.add('a');
  queue.add('b');
  let ended = false;
  const end = stop().then(() => {
    ended = true;
  });
  await Promise.resolve();
  expect(ended).toBe(false);
  await finish(0);
  await end;
  expect(keys()).toEqual(['a']);
});

it('a second run at the same time is a mistake that says so', async () => {
  const { queue, stop } = queueOf();
  await expect(queue.run(new AbortController().signal)).rejects.toThrow('the queue is already running');
  await stop();
});
