/** `npm run release -- --repository=<registry/folder>`: the packaged chart and the plain manifests of a release. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  boolFlag,
  helpText,
  type FlagValues,
  parseFlags,
  runMain,
  stringFlag,
  UsageError,
} from '@aad-pod-identity/runtime';
import { type Release, releasedManifest, releasedValues, REPOSITORY, VERSION } from './chart/release.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const CHART = 'aad-pod-identity';

const FLAGS = {
  repository: stringFlag({
    default: '',
    help: 'Registry and folder of the images, such as registry.example.com/team.',
  }),
  version: stringFlag({ default: '', help: "Tag of the images; empty: the workspace's version." }),
  out: stringFlag({ default: 'dist/release', help: 'Folder that is written anew.' }),
  helm: stringFlag({ default: 'helm', help: 'Path of helm.' }),
  help: boolFlag({ default: false, aliases: ['h'], help: 'Print this and end.' }),
};
const SUMMARY = 'packs the chart and the plain manifests with the registry and tags of a release';

function releaseOf({ repository, version }: FlagValues<typeof FLAGS>): Release {
  const own = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  const wanted = version || own.version;
  if (!REPOSITORY.test(repository)) {
    throw new UsageError(`--repository: found ${repository || 'nothing'}, allowed is a registry and a folder in it`);
  }
  if (!VERSION.test(wanted)) throw new UsageError(`--version: found ${wanted}, allowed is a version such as 2.0.0`);
  return { repository, version: wanted };
}

function change(file: string, how: (text: string, release: Release) => string, release: Release): void {
  writeFileSync(file, how(readFileSync(file, 'utf8'), release));
}

async function pack(release: Release, out: string, helm: string): Promise<string> {
  const chart = join(out, CHART);
  cpSync(join(ROOT, 'charts', CHART), chart, { recursive: true });
  change(join(chart, 'values.yaml'), releasedValues, release);
  const args = ['package', chart, `--app-version=${release.version}`, `--destination=${out}`];
  const { stdout } = await promisify(execFile)(helm, args);
  rmSync(chart, { recursive: true });
  return stdout.trim();
}

function writeManifests(release: Release, out: string): void {
  const folder = join(out, 'deploy');
  cpSync(join(ROOT, 'deploy'), folder, { recursive: true });
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) change(join(entry.parentPath, entry.name), releasedManifest, release);
  }
}

runMain('release', async ({ argv, env }) => {
  const flags = parseFlags(FLAGS, argv, env);
  if (flags.help) {
    process.stdout.write(helpText({ name: 'release', summary: SUMMARY }, FLAGS));
    return;
  }
  const release = releaseOf(flags);
  const out = join(ROOT, flags.out);
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  process.stdout.write(`${await pack(release, out, flags.helm)}\n`);
  writeManifests(release, out);
});
