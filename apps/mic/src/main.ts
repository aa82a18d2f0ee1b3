import { helpText, ignoredFlags, parseFlags, runMain, systemClock, versionLine } from '@aad-pod-identity/runtime';
import { createLogger } from '@aad-pod-identity/telemetry';
import { FLAGS } from './flags.ts';
import { runMic } from './program.ts';

const NAME = 'mic';
const SUMMARY = 'records which pod may use which identity, and assigns identities to the VMs and scale sets underneath';

runMain(NAME, async ({ argv, env, signal }) => {
  const flags = parseFlags(FLAGS, argv, env);
  if (flags.help) process.stdout.write(helpText({ name: NAME, summary: SUMMARY }, FLAGS));
  else if (flags.version) process.stdout.write(`${versionLine(NAME)}\n`);
  else {
    const logger = createLogger({ name: NAME, format: flags['log-format'], verbosity: flags.v });
    for (const line of ignoredFlags(FLAGS, argv)) logger.warn(line);
    await runMic({ flags, env, clock: systemClock, logger, signal });
  }
});
