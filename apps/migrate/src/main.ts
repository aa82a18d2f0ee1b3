import { helpText, parseFlags, runMain, systemClock, versionLine } from '@aad-pod-identity/runtime';
import { FLAGS } from './flags.ts';
import { migrate } from './program.ts';

const NAME = 'aad-pod-identity-migrate';
const SUMMARY = 'plans the move from AAD Pod Identity to Azure Workload Identity; it only reads the cluster';

/** Resolves once all of it is written: a process that ends before cuts what goes into a pipe. */
function print(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: NodeJS.ErrnoException | null): void => {
      // A reader that has seen enough, such as `head`, is no failure.
      if (!error || error.code === 'EPIPE') resolve();
      else reject(error);
    };
    process.stdout.once('error', done);
    process.stdout.write(text, done);
  });
}

runMain(NAME, async ({ argv, env, signal }) => {
  const flags = parseFlags(FLAGS, argv, env);
  if (flags.help) await print(helpText({ name: NAME, summary: SUMMARY }, FLAGS));
  else if (flags.version) await print(`${versionLine(NAME)}\n`);
  else await print(await migrate({ flags, env, clock: systemClock, signal }));
});
