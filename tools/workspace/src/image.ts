/** `npx nx run <app>:image [-- --flags]`: builds the image of one program with whatever builds images on this machine. */
import { join } from 'node:path';
import {
  boolFlag,
  helpText,
  type FlagValues,
  parseFlags,
  runMain,
  stringFlag,
  UsageError,
} from '@aad-pod-identity/runtime';
import { commitOf } from './build.ts';
import { buildCommand, ENGINES, type EngineName } from './image-engines.ts';
import { run, works } from './run.ts';
import { readFileSync } from 'node:fs';

const APPS = ['mic', 'nmi', 'identity-validator'];
const root = join(import.meta.dirname, '../../..');

const FLAGS = {
  app: stringFlag({ default: '', oneOf: ['', ...APPS], help: 'Program whose image is built.' }),
  engine: stringFlag({
    default: '',
    oneOf: ['', ...Object.keys(ENGINES)],
    help: 'What builds it; empty: the first that works of docker, podman and buildah.',
  }),
  tag: stringFlag({ default: '', help: 'Name of the image; empty: aad-pod-identity/<app>:<version>.' }),
  'base-image': stringFlag({ default: '', help: "What the image is based on; empty: the Dockerfile's." }),
  'node-image': stringFlag({
    default: '',
    help: "Where node comes from, as /usr/local/bin/node; empty: the Dockerfile's.",
  }),
  help: boolFlag({ default: false, aliases: ['h'], help: 'Print this and end.' }),
};

const SUMMARY = 'builds the image of a program from its bundle in dist/apps';

async function chooseEngine(wanted: string): Promise<EngineName> {
  const names = Object.keys(ENGINES) as EngineName[];
  for (const name of names.filter((each) => wanted === '' || each === wanted)) {
    if (await works(ENGINES[name].probe)) return name;
  }
  throw new UsageError(`--engine: ${wanted || 'none of ' + names.join(', ')} works on this machine`);
}

const versionOf = (): string =>
  (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version;

async function buildImage(flags: FlagValues<typeof FLAGS>): Promise<void> {
  const { app, tag } = flags;
  if (app === '') throw new UsageError(`--app: found nothing, allowed is ${APPS.join(', ')}`);
  const version = versionOf();
  const command = buildCommand({
    engine: await chooseEngine(flags.engine),
    dockerfile: join(root, 'apps', app, 'Dockerfile'),
    context: join(root, 'dist/apps', app),
    tag: tag || `aad-pod-identity/${app}:${version}`,
    args: {
      VERSION: version,
      REVISION: commitOf(root),
      BASE_IMAGE: flags['base-image'],
      NODE_IMAGE: flags['node-image'],
    },
  });
  process.stdout.write(`${command.join(' ')}\n`);
  await run(command);
}

runMain('image', async ({ argv, env }) => {
  const flags = parseFlags(FLAGS, argv, env);
  if (flags.help) process.stdout.write(helpText({ name: 'image', summary: SUMMARY }, FLAGS));
  else await buildImage(flags);
});
