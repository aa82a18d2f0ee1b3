import { helpText, parseFlags, runMain, systemClock, versionLine, type MainContext } from '@aad-pod-identity/runtime';
import { createLogger, type Logger } from '@aad-pod-identity/telemetry';
import { createWriteStream } from 'node:fs';
import { bringControlPlane } from './control-plane.ts';
import { flags, type Flags } from './flags.ts';
import { openOutput, type Output } from './output.ts';
import { requirements } from './requirements.ts';
import { createRunFolder, type RunFolder } from './run-folder.ts';
import { startSandbox, type Sandbox } from './sandbox.ts';
import { story } from './story/story.ts';
import { summaryTable, tellStory } from './story/tell.ts';
import { tidyUpAtExit, type RunResult } from './tidy-up.ts';
import { startPage, type Page } from './web/page-server.ts';

const NAME = 'sandbox';
const SUMMARY = 'the walk-through of AAD Pod Identity on this machine, without Azure and without a cluster';

runMain(NAME, async ({ argv, env, signal: told }: MainContext) => {
  const output = openOutput(process.stdout, told);
  const values = parseFlags(flags, argv, env);
  if (values.help) process.stdout.write(helpText({ name: 'npm start --', summary: SUMMARY }, flags));
  else if (values.version) output.print(versionLine(NAME));
  else await start(values, env, output).catch(endOf(values, output.signal));
});

/** An end that was asked for is none to complain of, unless it kept the walk-through from its own. */
function endOf({ once: exitAfterwards }: Flags, signal: AbortSignal) {
  return (error: unknown) => {
    if (error !== signal.reason) throw error;
    if (exitAfterwards) throw new Error('interrupted before the end of the walk-through');
  };
}

async function start(values: Flags, env: NodeJS.ProcessEnv, { print, signal }: Output): Promise<void> {
  for (const remark of requirements(process.platform, env)) print(remark);
  signal.addEventListener('abort', () => {
    print('Stopping: everything that was started is ended.');
  });
  if (values.real) await bringControlPlane({ env, print }, signal);
  // first what may be refused, so that nothing has to be tidied up then
  const page = await startPage({ port: values.once ? 0 : values.port, clock: systemClock });
  const folder = createRunFolder(values.folder);
  const tidyUp = tidyUpAtExit(folder, signal, print);
  const destination = createWriteStream(folder.log('sandbox'));
  try {
    const logger = createLogger({ format: 'text', verbosity: 0, name: NAME, destination });
    tidyUp.result = await run(values, { page, folder, logger, print, signal });
  } finally {
    await page.close();
    destination.end();
  }
}

interface Scene {
  readonly page: Page;
  readonly folder: RunFolder;
  readonly logger: Logger;
  readonly print: (line: string) => void;
  readonly signal: AbortSignal;
}

async function run(values: Flags, { page, folder, logger, print, signal }: Scene): Promise<RunResult> {
  const startedAt = systemClock.monotonic();
  print(
    `Starting ${values.real ? 'a real API server, a simulated Azure' : 'the simulators'}, MIC and NMI; everything they write goes to ${folder.root}`,
  );
  const options = { folder, armDelayMs: values['arm-delay'], real: values.real, clock: systemClock, logger, signal };
  const sandbox = await startSandbox({ ...options, onChange: page.changed });
  page.show(sandbox);
  print(`Ready after ${seconds(systemClock.monotonic() - startedAt)}. The page: ${page.url}`);
  return await play(sandbox, values, print).finally(() => sandbox.stop());
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

async function play(sandbox: Sandbox, values: Flags, print: Scene['print']): Promise<RunResult> {
  const { once: exitAfterwards, story: wanted } = values;
  const result = wanted || exitAfterwards ? await walkThrough(sandbox, print) : 'succeeded';
  if (exitAfterwards && result === 'failed') throw new Error('a step of the walk-through failed');
  if (exitAfterwards) return result;
  print(`Everything stays up: go on with the page or with ${sandbox.kubectl}`);
  print('Ctrl-C ends it.');
  await sandbox.whenEnded;
  return result;
}

async function walkThrough(sandbox: Sandbox, print: Scene['print']): Promise<RunResult> {
  const startedAt = systemClock.monotonic();
  const results = await tellStory(sandbox, story, print, sandbox.signal);
  print('');
  for (const row of summaryTable(story, results)) print(row);
  print(`\nThe walk-through took ${seconds(systemClock.monotonic() - startedAt)}.`);
  return results.every(({ ok }) => ok) ? 'succeeded' : 'failed';
}
