import { helpText, parseFlags, runMain, systemClock, type MainContext } from '@aad-pod-identity/runtime';
import { createLogger } from '@aad-pod-identity/telemetry';
import { createWriteStream, rmSync } from 'node:fs';
import { once } from 'node:events';
import { flags, type Flags } from './flags.ts';
import { requirements } from './requirements.ts';
import { createRunFolder } from './run-folder.ts';
import { startSandbox, type Sandbox } from './sandbox.ts';
import { story } from './story/story.ts';
import { summaryTable, tellStory } from './story/tell.ts';
import { startPage } from './web/page-server.ts';

const NAME = 'sandbox';
const SUMMARY = 'the walk-through of AAD Pod Identity on this machine, without Azure and without a cluster';

const print = (line: string) => process.stdout.write(`${line}\n`);

runMain(NAME, async ({ argv, env, signal }: MainContext) => {
  const values = parseFlags(flags, argv, env);
  if (values.help) process.stdout.write(helpText({ name: 'npm start --', summary: SUMMARY }, flags));
  else {
    await run(values, signal).catch((error: unknown) => {
      throw values.once && error === signal.reason
        ? new Error('interrupted before the end of the walk-through')
        : error;
    });
  }
});

async function run(values: Flags, signal: AbortSignal): Promise<void> {
  for (const remark of requirements(process.platform, process.env)) print(remark);
  const startedAt = systemClock.monotonic();
  const folder = createRunFolder(values.folder);
  print(`Starting the simulators, MIC and NMI; everything they write goes to ${folder.root}`);
  const destination = createWriteStream(folder.log('sandbox'));
  const logger = createLogger({ format: 'text', verbosity: 0, name: NAME, destination });
  signal.addEventListener('abort', () => {
    print('Stopping: everything that was started is ended.');
  });
  const page = await startPage({ port: values.once ? 0 : values.port, clock: systemClock });
  try {
    const options = { folder, armDelayMs: values['arm-delay'], clock: systemClock, logger, signal };
    const sandbox = await startSandbox({ ...options, onChange: page.changed });
    page.show(sandbox);
    print(`Ready after ${seconds(systemClock.monotonic() - startedAt)}. The page: ${page.url}`);
    await play(sandbox, values, signal).finally(() => sandbox.stop());
  } finally {
    await page.close();
    destination.end();
  }
  // whoever named a folder wants to keep it, and whoever saw a failure wants to read it
  if (values.once && values.folder === '') rmSync(folder.root, { recursive: true });
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

async function play(
  sandbox: Sandbox,
  { once: exitAfterwards, story: wanted }: Flags,
  signal: AbortSignal,
): Promise<void> {
  if (wanted || exitAfterwards) await walkThrough(sandbox, exitAfterwards, signal);
  if (exitAfterwards) return;
  print(`Everything stays up: go on with the page or with ${sandbox.kubectl}`);
  print('Ctrl-C ends it.');
  if (!signal.aborted) await once(signal, 'abort');
}

async function walkThrough(sandbox: Sandbox, mustSucceed: boolean, signal: AbortSignal): Promise<void> {
  const startedAt = systemClock.monotonic();
  const results = await tellStory(sandbox, story, print, signal);
  print('');
  for (const row of summaryTable(story, results)) print(row);
  print(`\nThe walk-through took ${seconds(systemClock.monotonic() - startedAt)}.`);
  if (mustSucceed && results.some(({ ok }) => !ok)) {
    throw new Error(`a step of the walk-through failed; the logs are in ${sandbox.folder.root}`);
  }
}
