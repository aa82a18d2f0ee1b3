import { KUBERNETES_VERSIONS, type KubernetesVersion } from '@aad-pod-identity/cluster';
import { UsageError } from '@aad-pod-identity/runtime';

const DEFAULT: KubernetesVersion = '1.35';
const FLAG = '--kubernetes=';

/** The version that the command was asked for, and the arguments that are left for jest. @throws UsageError for one that is not built here */
export function takeKubernetesVersion(argv: readonly string[]): { kubernetes: KubernetesVersion; rest: string[] } {
  const wanted = argv.findLast((argument) => argument.startsWith(FLAG))?.slice(FLAG.length) ?? DEFAULT;
  const kubernetes = KUBERNETES_VERSIONS.find((version) => version === wanted);
  if (kubernetes === undefined) throw new UsageError(`${FLAG}${wanted} is none of ${KUBERNETES_VERSIONS.join(', ')}`);
  return { kubernetes, rest: argv.filter((argument) => !argument.startsWith(FLAG)) };
}

/** What the suite runs against; the command hands it to the tests by their environment. */
export const kubernetesOfSuite = (env: NodeJS.ProcessEnv): KubernetesVersion =>
  KUBERNETES_VERSIONS.find((version) => version === env.E2E_KUBERNETES) ?? DEFAULT;
