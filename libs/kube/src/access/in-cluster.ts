import { readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import type { Clock } from '@aad-pod-identity/runtime';
import { KubeError } from '../errors.ts';
import type { ServerAccess, TlsMaterial } from './access.ts';
import { cachedFor } from './cached.ts';

export const SERVICE_ACCOUNT_DIR = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The kubelet rotates the files in place; a minute is the most a token may be out of date. */
const REREAD_MS = 55_000;

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new KubeError('badConfig', `cannot read ${path}`, { cause });
  }
}

function serverUrl(env: NodeJS.ProcessEnv): string {
  const host = env.KUBERNETES_SERVICE_HOST;
  const port = env.KUBERNETES_SERVICE_PORT;
  if (!host || !port) {
    throw new KubeError(
      'badConfig',
      'no kubeconfig was given and this is no pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set',
    );
  }
  const url = `https://${isIPv6(host) ? `[${host}]` : host}:${port}`;
  if (!URL.canParse(url)) {
    throw new KubeError('badConfig', 'KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are no host and port');
  }
  return url;
}

/** Access as the pod's service account: the mounted files and two variables. */
export async function inClusterAccess(env: NodeJS.ProcessEnv, clock: Clock, dir: string): Promise<ServerAccess> {
  const server = serverUrl(env);
  let tls: TlsMaterial = {};
  const load = async () => {
    const [token, ca] = await Promise.all([read(join(dir, 'token')), read(join(dir, 'ca.crt'))]);
    if (tls.ca !== ca) tls = { ca };
    return { Authorization: `Bearer ${token.trim()}` };
  };
  const headers = cachedFor(clock, REREAD_MS, load);
  await headers(true);
  return { server, headers, tls: () => tls };
}
