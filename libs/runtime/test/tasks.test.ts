import { abortReason, type Clock, runTasks, systemClock, type Task } from '../src/index.ts';

/** A clock whose timers fire only when a test says so; the shared fake clock rests on this package. */
function manualClock(): Clock & { fire(): void } {
  let timer = (): void => undefined;
  const schedule = (_: number, callback: () => void) => {
    timer = callback;
    return () => undefined;
  };
  return {
    ...systemClock,
    schedule,
    fire: () => {
      timer();
    },
  };
}

const untilTold: Task = (signal) =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(abortReason(signal));
    });
  });

const options = () => ({ signal: new AbortController().signal, clock: manualClock() });

describe('runTasks', () => {
  it('ends when all tasks have ended', async () => {
    const ended: string[] = [];
    const task = (name: string) => () => Promise.resolve(void ended.push(name));
    await runTasks({ a: task('a'), b: task('b') }, options());
    expect(ended).toEqual(['a', 'b']);
  });

  it('stops the others at the first failure, waits for them, and throws that failure', async () => {
    let stopped = false;
    const other: Task = (signal) =>
      untilTold(signal).finally(() => {
        stopped = true;
      });
    const failure = new Error('broken');
    await expect(runTasks({ other, bad: () => Promise.reject(failure) }, options())).rejects.toBe(failure);
    expect(stopped).toBe(true);
  });

  it('ends without an error when it is told to stop', async () => {
    const controller = new AbortController();
    const running = runTasks({ a: untilTold, b: untilTold }, { signal: controller.signal, clock: manualClock() });
    controller.abort(new Error('enough'));
    await expect(running).resolves.toBeUndefined();
  });

  it('throws what fails while stopping', async () => {
    const controller = new AbortController();
    const failing: Task = (signal) => untilTold(signal).catch(() => Promise.reject(new Error('could not save')));
    const running = runTasks({ failing }, { signal: controller.signal, clock: manualClock() });
    controller.abort();
    await expect(running).rejects.toThrow('could not save');
  });

  it('waits no longer than the grace for a task that does not stop, and names it', async () => {
    const clock = manualClock();
    const controller = new AbortController();
    const stuck: Task = () => new Promise(() => undefined);
    const running = runTasks({ stuck, good: untilTold }, { signal: controller.signal, clock, graceMs: 1_000 });
    controller.abort();
    const failed = expect(running).rejects.toThrow('still running 1000 ms after being told to stop: stuck');
    clock.fire();
    await failed;
  });
});
