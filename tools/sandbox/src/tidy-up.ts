import { tellGuard } from './guard-line.ts';
import type { RunFolder } from './run-folder.ts';

export type RunResult = 'succeeded' | 'failed';

/**
 * Whatever way the process ends (at its end, by one Ctrl-C or two, by an error that nobody expected), its folder goes, or
 * stays without keys where its logs tell of a failure; the guard does it where the process is killed.
 * @returns where the result is put once there is one; an end without one and without Ctrl-C is a failure
 */
export function tidyUpAtExit(folder: RunFolder, signal: AbortSignal, print: (line: string) => void) {
  const outcome: { result: RunResult | undefined } = { result: undefined };
  const secrets = folder.temporary ? [folder.root] : [folder.caKey, folder.kubernetesKey];
  for (const path of secrets) tellGuard('remove', path);
  process.once('exit', () => {
    const keepLogs = outcome.result === 'failed' || (outcome.result === undefined && !signal.aborted);
    if (folder.end({ keepLogs }) && keepLogs) print(`The logs are in ${folder.root}`);
    for (const path of secrets) tellGuard('keep', path);
  });
  return outcome;
}
