/** Does what its first argument says, so that a test can watch how a process ends. */
import { runMain, systemClock, UsageError } from '../../src/index.ts';

const behaviours: Record<string, (signal: AbortSignal) => Promise<void>> = {
  end: () => Promise.resolve(),
  usage: () => Promise.reject(new UsageError('--port: "x" is not a whole number')),
  fail: () => Promise.reject(new Error('cannot start', { cause: new Error('two\nlines') })),
  leak: () => Promise.reject(new Error('refused: client_secret=hunter2')),
  unhandled: () => {
    void Promise.reject(new Error('forgotten'));
    return new Promise(() => undefined);
  },
  wait: (signal) => {
    process.stdout.write('ready\n');
    return systemClock.sleep(600_000, signal);
  },
};

runMain('obedient', ({ argv, signal }) => {
  const behaviour = behaviours[argv[0] ?? ''];
  if (behaviour === undefined) throw new Error('no such behaviour');
  return behaviour(signal);
});
