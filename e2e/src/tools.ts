import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { bring, type KubernetesVersion, toolsOf, type ToolName } from '@aad-pod-identity/cluster';

/** A real tool that tests drive by its path. */
interface Tool {
  readonly name: string;
  /** The variable that tells the tests its path, and by which a user may name his own. */
  readonly variable: string;
  readonly from: ToolName;
  /** The file, where `from` is brought as a folder. */
  readonly file?: string;
}

const TOOLS: readonly Tool[] = [
  { name: 'kubectl', variable: 'E2E_KUBECTL', from: 'kubernetes', file: 'kubectl' },
  { name: 'chromium', variable: 'E2E_CHROMIUM', from: 'chromium' },
  { name: 'actionlint', variable: 'E2E_ACTIONLINT', from: 'actionlint' },
  { name: 'helm 3', variable: 'E2E_HELM3', from: 'helm3' },
  { name: 'helm 4', variable: 'E2E_HELM4', from: 'helm4' },
];

/** Finds, builds or installs what the suite needs. @returns the variables that its tests read; @throws an Error that names the tool */
export async function bringTools(
  env: NodeJS.ProcessEnv,
  print: (line: string) => void,
  kubernetes: KubernetesVersion,
): Promise<Readonly<Record<string, string>>> {
  const own = TOOLS.filter(({ variable }) => existsSync(env[variable] ?? ''));
  const wanted = TOOLS.filter((tool) => !own.includes(tool));
  const names: ToolName[] = [
    ...wanted.map(({ from }) => from),
    ...toolsOf('simulated-nodes'),
    ...toolsOf('node'),
    ...(['buildah', 'debootstrap', 'prometheus'] as const),
    ...(['curl', 'wget', 'default-jdk-headless', 'maven'] as const),
  ];
  const paths = await bring([...new Set(names)], { env, print, kubernetes });
  const named = own.map(({ variable }): [string, string] => [variable, env[variable] ?? '']);
  const brought = wanted.map(({ variable, from, file = '' }): [string, string] => [variable, join(paths[from], file)]);
  for (const [variable, path] of [...named, ...brought]) print(`${variable}: ${path}`);
  return Object.fromEntries([...named, ...brought]);
}
