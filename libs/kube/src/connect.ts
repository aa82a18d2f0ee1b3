import { delimiter } from 'node:path';
import type { Clock } from '@aad-pod-identity/runtime';
import type { Logger } from '@aad-pod-identity/telemetry';
import type { ServerAccess } from './access/access.ts';
import { inClusterAccess, SERVICE_ACCOUNT_DIR } from './access/in-cluster.ts';
import { kubeconfigAccess } from './access/kubeconfig.ts';
import { createCaller } from './caller.ts';
import type { KubeClient } from './client.ts';
import { createKubeClient } from './kube-client.ts';
import { createRateLimiter } from './rate-limit.ts';
import { createTransport } from './transport.ts';

/** Calls per second in the long run and at once. Above 1.8.17's 5, which starved its own work at 450 pods. */
export const DEFAULT_QPS = 50;
export const DEFAULT_BURST = 100;

export interface ConnectOptions {
  /** Path of a kubeconfig file; wins over `KUBECONFIG` of `env`, which may name several. Without either: in-cluster. */
  kubeconfig?: string | undefined;
  env: NodeJS.ProcessEnv;
  clock: Clock;
  logger: Logger;
  userAgent: string;
  /** 0 or less: no limit. Watches and lease traffic are not counted. */
  qps?: number | undefined;
  burst?: number | undefined;
  /** Where the service account's files are mounted; for the rare pod that mounts them elsewhere. */
  serviceAccountDir?: string | undefined;
}

function accessFor({ kubeconfig, env, clock, serviceAccountDir }: ConnectOptions): Promise<ServerAccess> {
  const files = (kubeconfig || env.KUBECONFIG || '').split(delimiter).filter((file) => file !== '');
  if (files.length > 0) return kubeconfigAccess(files, clock);
  return inClusterAccess(env, clock, serviceAccountDir ?? SERVICE_ACCOUNT_DIR);
}

/**
 * Reads the configuration and returns a client; no call is made yet.
 * @throws KubeError `badConfig`, naming the file or variable.
 */
export async function connect(options: ConnectOptions): Promise<KubeClient> {
  const { clock, logger, userAgent, qps = DEFAULT_QPS } = options;
  const access = await accessFor(options);
  logger.info('using kubernetes api server', { server: access.server });
  const transport = createTransport(access, userAgent);
  const limiter = createRateLimiter({ clock, qps, burst: options.burst ?? Math.max(qps * 2, DEFAULT_BURST) });
  return createKubeClient(createCaller({ transport, limiter, clock }), () => transport.close());
}
