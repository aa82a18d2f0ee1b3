import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** A real tool that the suite drives. */
interface Tool {
  readonly name: string;
  /** The variable that tells the tests its path, and by which a user may name his own. */
  readonly variable: string;
  /** Where it is found without our doing. */
  readonly installed?: string;
  readonly bring: { readonly debian: string } | { readonly goModule: string; readonly goPackage: string };
}

const TOOLS: readonly Tool[] = [
  { name: 'kubectl', variable: 'E2E_KUBECTL', bring: { goModule: 'kubectl', goPackage: '.' } },
  { name: 'chromium', variable: 'E2E_CHROMIUM', installed: '/usr/bin/chromium', bring: { debian: 'chromium' } },
  {
    name: 'actionlint',
    variable: 'E2E_ACTIONLINT',
    bring: { goModule: 'actionlint', goPackage: 'github.com/rhysd/actionlint/cmd/actionlint' },
  },
];

const MODULES = join(import.meta.dirname, '../go');

/** Where built tools are kept between runs: `AAD_POD_IDENTITY_CACHE`, else a folder of the user's cache. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  const userCache = env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return env.AAD_POD_IDENTITY_CACHE || join(userCache, 'aad-pod-identity');
}

/** Finds, builds or installs every tool. @returns the path of each by its name; @throws an Error that names the tool */
export async function bringTools(
  env: NodeJS.ProcessEnv,
  print: (line: string) => void,
): Promise<ReadonlyMap<string, string>> {
  const paths = new Map<string, string>();
  for (const tool of TOOLS) paths.set(tool.name, await bringTool(tool, env, print));
  return paths;
}

export function toolEnvironment(paths: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries(TOOLS.map(({ name, variable }) => [variable, paths.get(name) ?? '']));
}

async function bringTool(tool: Tool, env: NodeJS.ProcessEnv, print: (line: string) => void): Promise<string> {
  const { name, bring } = tool;
  const target = 'debian' in bring ? (tool.installed ?? '') : join(cacheFolder(env), name);
  const found = [env[tool.variable] ?? '', target].find((path) => path !== '' && existsSync(path));
  if (found !== undefined) {
    print(`${name}: ${found}`);
    return found;
  }
  try {
    if ('debian' in bring) await installPackage(bring.debian, print);
    else await buildModule(bring, target, print);
  } catch (error) {
    throw new Error(`${name} could not be had; name one by ${tool.variable}`, { cause: error });
  }
  return target;
}

async function installPackage(name: string, print: (line: string) => void): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error(`installing the Debian package ${name} needs root`);
  print(`${name}: installing the Debian package, about a minute`);
  await runQuietly('apt-get', ['update', '-qq']);
  await runQuietly('apt-get', ['install', '-y', '-qq', '--no-install-recommends', name]);
}

/** Built under another name and moved, so that a broken build or a second run at the same time leaves nothing half done. */
async function buildModule(
  { goModule, goPackage }: { goModule: string; goPackage: string },
  target: string,
  print: (line: string) => void,
): Promise<void> {
  print(`${goModule}: building from its Go module, one to three minutes`);
  mkdirSync(join(target, '..'), { recursive: true });
  const partial = `${target}.${process.pid}`;
  const folder = join(MODULES, goModule);
  await runQuietly('go', ['build', '-C', folder, '-mod=readonly', '-trimpath', '-o', partial, goPackage]);
  renameSync(partial, target);
}

/** Runs a program and shows its output only if it fails. */
async function runQuietly(program: string, args: readonly string[]): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const output: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk));
  await once(child, 'close');
  if (child.exitCode === 0) return;
  throw new Error(
    `${program} failed: ${Buffer.concat(output).toString('utf8').trim().split('\n').slice(-5).join(' | ')}`,
  );
}
