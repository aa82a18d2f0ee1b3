import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock, type Clock } from '@aad-pod-identity/runtime';
import { buildTool, readTool, requireGo, type BuildableTool } from './build-go.ts';
import { cacheFolder } from './cache-folder.ts';
import { DEBIAN_TOOLS, isDebianTool, type DebianToolName } from './debian-tools.ts';
import { DEFAULT_KUBERNETES, GO_TOOLS, goTool, type GoToolName, type KubernetesVersion } from './go-tools.ts';
import { installPackages } from './install-packages.ts';
import { withProgress } from './progress.ts';
import { withWorkFolder } from './work-folder.ts';

export type ToolName = GoToolName | DebianToolName;

export interface BringOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly print: (line: string) => void;
  readonly clock?: Clock;
  readonly kubernetes?: KubernetesVersion;
}

export const ALL_TOOLS: readonly ToolName[] = [
  ...(['kubernetes', ...Object.keys(GO_TOOLS)] as GoToolName[]),
  ...(Object.keys(DEBIAN_TOOLS) as DebianToolName[]),
];

/** About a minute for everything, most of it for the lists. */
const INSTALL_SECONDS = 60;

/**
 * Finds every named tool, and builds or installs those that are missing.
 * @returns the path of each; that of `kubernetes` and `kwok` is the folder of their files
 * @throws an Error, of one line, that names the tool and what is missing
 */
export async function bring<Name extends ToolName>(
  names: readonly Name[],
  options: BringOptions,
): Promise<Readonly<Record<Name, string>>> {
  const cache = cacheFolder(options.env);
  const all: readonly ToolName[] = names;
  const buildable = new Map<ToolName, BuildableTool>(
    all
      .filter((name): name is GoToolName => !isDebianTool(name))
      .map((name) => [name, readNamed(name, cache, options)]),
  );
  await installMissing(all.filter(isDebianTool), options);
  await buildMissing([...buildable.values()], cache, options);
  const paths = all.map((name) => [name, pathOf(name, buildable.get(name))]);
  return Object.fromEntries(paths) as Record<Name, string>;
}

function readNamed(name: GoToolName, cache: string, { kubernetes = DEFAULT_KUBERNETES }: BringOptions): BuildableTool {
  return readTool(goTool(name, kubernetes), cache);
}

function pathOf(name: ToolName, built: BuildableTool | undefined): string {
  if (isDebianTool(name)) return DEBIAN_TOOLS[name];
  const target = built?.target ?? '';
  return name === 'kubernetes' || name === 'kwok' ? target : join(target, built?.tool.binary ?? '');
}

async function installMissing(names: readonly DebianToolName[], options: BringOptions): Promise<void> {
  const missing = names.filter((name) => !existsSync(DEBIAN_TOOLS[name]));
  if (missing.length === 0) return;
  const { env, print, clock = systemClock } = options;
  const what = `installing the Debian packages ${missing.join(', ')}`;
  await withProgress(what, INSTALL_SECONDS, { clock, print }, () => installPackages(missing, env));
}

async function buildMissing(tools: readonly BuildableTool[], cache: string, options: BringOptions): Promise<void> {
  const missing = tools.filter(({ target }) => !existsSync(target));
  if (missing.length === 0) return;
  const { env, print, clock = systemClock } = options;
  await requireGo(missing, env);
  await withWorkFolder(cache, async (work) => {
    for (const buildable of missing) {
      const { tool, source } = buildable;
      const what = `building ${tool.binary} ${source.version} from its Go module`;
      await withProgress(what, tool.seconds, { clock, print }, () => buildTool(buildable, work, env));
    }
  });
}
