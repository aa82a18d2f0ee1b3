import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildArguments, buildEnvironment, cacheKey, goSource, isGoEnough, type GoSource } from './go-source.ts';
import type { GoTool } from './go-tools.ts';
import { runQuietly } from './run-quietly.ts';

const MODULES = join(import.meta.dirname, '../../go');

/** A tool whose sources have been read: where its binary is, or will be. */
export interface BuildableTool {
  readonly tool: GoTool;
  readonly source: GoSource;
  /** The cached folder that holds the binary. */
  readonly target: string;
}

export function readTool(tool: GoTool, cache: string): BuildableTool {
  const folder = join(MODULES, tool.folder);
  const sumFile = tool.modFile.replace(/mod$/, 'sum');
  const programs = readdirSync(folder).filter((name) => name.endsWith('.go'));
  const present = [tool.modFile, sumFile, ...programs].filter((name) => existsSync(join(folder, name)));
  const source = goSource(
    tool,
    present.map((name) => readFileSync(join(folder, name), 'utf8')),
  );
  return { tool, source, target: join(cache, cacheKey(tool, source)) };
}

/** @throws an Error that says what to install */
export async function requireGo(tools: readonly BuildableTool[], env: NodeJS.ProcessEnv): Promise<void> {
  const found = await runQuietly('go', ['env', 'GOVERSION'], { env: { ...env, GOTOOLCHAIN: 'local' } }).catch(() => {
    throw new Error(
      `${tools.map(({ tool }) => tool.binary).join(', ')}: Go builds them, and there is no go on the PATH`,
    );
  });
  for (const { tool, source } of tools) {
    if (isGoEnough(found.trim(), source.go)) continue;
    throw new Error(
      `${tool.binary} ${source.version} needs Go ${source.go} or later; this machine has ${found.trim()}`,
    );
  }
}

/** Built beside its place and moved into it, so that a build that fails or is killed leaves nothing half done. */
export async function buildTool(
  { tool, source, target }: BuildableTool,
  work: string,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const folder = join(MODULES, tool.folder);
  const partial = join(work, cacheKey(tool, source));
  mkdirSync(partial);
  const goEnv = buildEnvironment(env, join(work, 'go-build'));
  await runQuietly('go', buildArguments(tool, source, folder, join(partial, tool.binary)), { env: goEnv });
  for (const name of tool.names) symlinkSync(tool.binary, join(partial, name));
  if (tool.extra !== undefined) await copyExtra(tool, tool.extra, partial, goEnv);
  try {
    renameSync(partial, target);
  } catch (error) {
    // another run has built the same in the meantime
    if (!existsSync(target)) throw error;
  }
}

async function copyExtra(
  tool: GoTool,
  extra: NonNullable<GoTool['extra']>,
  partial: string,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const modules = join(MODULES, tool.folder);
  const args = ['list', '-C', modules, '-mod=readonly', '-m', '-f', '{{.Dir}}', tool.module];
  const source = (await runQuietly('go', args, { env })).trim();
  const texts = extra.files.map((file) => readFileSync(join(source, file), 'utf8'));
  writeFileSync(join(partial, extra.name), texts.join('\n---\n'));
}
