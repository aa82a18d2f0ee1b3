import { helpText, ignoredFlags, parseFlags, runMain, systemClock, versionLine } from '@aad-pod-identity/runtime';
import { createLogger } from '@aad-pod-identity/telemetry';
import { checkFlags } from './config.ts';
import { flags as table } from './flags.ts';
import { runNmi } from './program.ts';
import { closeNode } from './redirection-wiring.ts';

const NAME = 'nmi';
const SUMMARY = "answers this node's pods' requests for tokens with those of the identities that are bound to them";

runMain(NAME, async ({ argv, env, signal }) => {
  const flags = parseFlags(table, argv, env);
  if (flags.help) process.stdout.write(helpText({ name: NAME, summary: SUMMARY }, table));
  else if (flags.version) process.stdout.write(`${versionLine(NAME)}\n`);
  else {
    checkFlags(flags);
    const logger = createLogger({ name: NAME, format: flags['log-format'], verbosity: flags.v });
    for (const line of ignoredFlags(table, argv)) logger.warn(line);
    if (flags['close-only']) await closeNode(flags, logger);
    else await runNmi({ flags, env, clock: systemClock, logger, signal });
  }
});
