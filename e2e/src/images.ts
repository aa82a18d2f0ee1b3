import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '@aad-pod-identity/cluster';

export const APPS = ['mic', 'nmi', 'identity-validator'] as const;
export type App = (typeof APPS)[number];

const root = join(import.meta.dirname, '../..');
const REGISTRY = 'aad-pod-identity.test';
const RELEASE = 'bookworm';
/** What the project's Dockerfiles take by default is not to be had without a registry; this is made instead of it. */
const BASE = `${REGISTRY}/base:${RELEASE}`;
const WITH_NODE = `${REGISTRY}/node:${process.versions.node}`;

/** What the seed's pods name. */
export const SEED_IMAGE = 'zerokoll.azurecr.io/azurepodidentitydemo:latest';

/** The name by which a pod on the node finds an image. Another tag than latest, so that nobody asks a registry. */
export const imageName = (app: App): string => `${REGISTRY}/${app}:e2e`;

type Change = readonly [verb: string, options: readonly string[], operands?: readonly string[]];

interface ImageStore {
  readonly env: NodeJS.ProcessEnv;
  readonly folder: string;
}

/** @throws an Error with the command and what it said */
async function run([program = '', ...args]: readonly string[], { env }: { env: NodeJS.ProcessEnv }): Promise<string> {
  return (await promisify(execFile)(program, args, { env, maxBuffer: 64 * 1024 * 1024 })).stdout;
}

/** Images of their own, which neither see nor change those of this machine. */
function openStore(env: NodeJS.ProcessEnv): ImageStore {
  const folder = join(cacheFolder(env), 'images');
  mkdirSync(folder, { recursive: true });
  const configuration = join(folder, 'storage.conf');
  const places = `graphroot = "${join(folder, 'store')}"\nrunroot = "${join(folder, 'run')}"\n`;
  writeFileSync(configuration, `[storage]\ndriver = "overlay"\n${places}`);
  return { folder, env: { ...env, CONTAINERS_STORAGE_CONF: configuration, BUILDAH_ISOLATION: 'chroot' } };
}

function has(image: string, store: ImageStore): Promise<boolean> {
  return run(['buildah', 'inspect', '--type', 'image', image], store).then(
    () => true,
    () => false,
  );
}

/** Packages are found where this machine finds its own. */
function copyAptSettings(rootfs: string): void {
  for (const name of ['sources.list', 'sources.list.d', 'apt.conf.d', 'auth.conf.d', 'keyrings', 'trusted.gpg.d']) {
    const from = join('/etc/apt', name);
    if (existsSync(from)) cpSync(from, join(rootfs, 'etc/apt', name), { recursive: true });
  }
}

/** `changes` are calls of buildah without the container that they are made to. */
async function imageFrom(image: string, base: string, changes: readonly Change[], store: ImageStore): Promise<void> {
  const container = (await run(['buildah', 'from', base], store)).trim();
  for (const [verb, options, operands = []] of changes) {
    await run(['buildah', verb, ...options, container, ...operands], store);
  }
  await run(['buildah', 'commit', '-q', '--rm', container, image], store);
}

async function makeBase(store: ImageStore): Promise<void> {
  const rootfs = join(store.folder, 'rootfs');
  rmSync(rootfs, { recursive: true, force: true });
  await run(['debootstrap', '--variant=minbase', RELEASE, rootfs], store);
  for (const name of [
    'var/cache/apt/archives',
    'var/lib/apt/lists',
    'usr/share/doc',
    'usr/share/man',
    'usr/share/locale',
  ])
    rmSync(join(rootfs, name), { recursive: true, force: true });
  for (const name of ['var/cache/apt/archives/partial', 'var/lib/apt/lists/partial'])
    mkdirSync(join(rootfs, name), { recursive: true });
  copyAptSettings(rootfs);
  await imageFrom(BASE, 'scratch', [['copy', ['-q'], [rootfs, '/']]], store);
  rmSync(rootfs, { recursive: true });
}

async function bringBases(store: ImageStore, print: (line: string) => void): Promise<void> {
  if (!(await has(BASE, store))) {
    print('making the base of the images with debootstrap, about 60 s');
    await makeBase(store);
  }
  if (await has(WITH_NODE, store)) return;
  await imageFrom(WITH_NODE, BASE, [['copy', ['-q'], [process.execPath, '/usr/local/bin/node']]], store);
}

async function archiveOf(image: string, file: string, store: ImageStore): Promise<string> {
  const archive = join(store.folder, `${file}.tar`);
  rmSync(`${archive}.new`, { force: true });
  await run(['buildah', 'push', '-q', image, `docker-archive:${archive}.new:${image}`], store);
  renameSync(`${archive}.new`, archive);
  return archive;
}

async function buildImage(app: App, store: ImageStore): Promise<string> {
  const script = join(root, 'tools/workspace/src');
  await run([process.execPath, join(script, 'build.ts'), app], store);
  const flags = [`--app=${app}`, '--engine=buildah', `--tag=${imageName(app)}`];
  const bases = [`--base-image=${BASE}`, `--node-image=${WITH_NODE}`];
  await run([process.execPath, join(script, 'image.ts'), ...flags, ...bases], store);
  return archiveOf(imageName(app), app, store);
}

/** The demo as the seed's manifests name it: on port 80, which a pod of this containerd may use as root only. */
async function buildSeedDemo(store: ImageStore): Promise<string> {
  await imageFrom(SEED_IMAGE, imageName('identity-validator'), [['config', ['--user', '0:0']]], store);
  return archiveOf(SEED_IMAGE, 'seed-demo', store);
}

/** Builds the images of all programs from the project's Dockerfiles. @returns their archives, as `docker save` makes them */
export async function buildImages(env: NodeJS.ProcessEnv, print: (line: string) => void): Promise<string[]> {
  const store = openStore(env);
  await bringBases(store, print);
  const archives: string[] = [];
  for (const app of APPS) {
    print(`building the image of ${app}, about 10 s`);
    archives.push(await buildImage(app, store));
  }
  archives.push(await buildSeedDemo(store));
  await run(['buildah', 'rmi', '--prune'], store);
  return archives;
}
