import { homedir } from 'node:os';
import { join } from 'node:path';
import { connect } from '@aad-pod-identity/kube';
import { type Clock, UsageError } from '@aad-pod-identity/runtime';
import { silentLogger } from '@aad-pod-identity/telemetry';
import type { Flags } from './flags.ts';
import { commandsOf } from './output/commands.ts';
import { textOf } from './output/text.ts';
import { yamlOf } from './output/yaml.ts';
import { type Issuer, issuerFrom } from './plan/issuer.ts';
import { type Plan, planMigration } from './plan/plan.ts';
import { readIssuer } from './world/read-issuer.ts';
import { readWorld } from './world/read-world.ts';

export interface ProgramOptions {
  readonly flags: Flags;
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** As kubectl does where nothing is said: outside of a cluster, the file in the home folder. */
function kubeconfigOf({ flags, env }: ProgramOptions): string {
  if (flags.kubeconfig !== '' || env.KUBECONFIG || env.KUBERNETES_SERVICE_HOST) return flags.kubeconfig;
  return join(env.HOME || homedir(), '.kube', 'config');
}

const OUTPUTS: Readonly<Record<Flags['output'], (plan: Plan, issuer: Issuer) => string>> = {
  text: textOf,
  yaml: yamlOf,
  commands: (plan, issuer) => {
    if (issuer.url === undefined) throw new UsageError(issuer.problem);
    return commandsOf(plan, issuer);
  },
};

/** Reads the cluster, and only reads it; gives what is to be printed. @throws KubeError, UsageError */
export async function migrate(options: ProgramOptions): Promise<string> {
  const { flags, env, clock, signal } = options;
  const client = await connect({
    ...{ kubeconfig: kubeconfigOf(options), env, clock },
    ...{ logger: silentLogger, userAgent: 'aad-pod-identity-migrate' },
  });
  try {
    const reading = { client, signal };
    const [world, told] = await Promise.all([readWorld(reading), readIssuer(client, signal)]);
    return OUTPUTS[flags.output](planMigration(world, flags), issuerFrom(flags.issuer, told));
  } finally {
    await client.close();
  }
}
