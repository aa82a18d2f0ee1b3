import type { RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import type { Clock } from '@aad-pod-identity/runtime';
import { KubeError } from '../errors.ts';
import type { ServerAccess, TlsMaterial } from './access.ts';
import { cachedFor } from './cached.ts';

/** client-node reads certificate and token files anew on every call; this often is enough. */
const REREAD_MS = 30_000;

interface Cluster {
  name?: string;
  server: string;
  proxyUrl?: string;
}

function currentCluster(config: KubeConfig): Cluster {
  const cluster = config.getCurrentCluster();
  if (!cluster?.server) throw new Error(`the current context "${config.getCurrentContext()}" names no known cluster`);
  // client-node refuses plain http unless told to skip TLS verification, of which there is none there.
  if (cluster.server.startsWith('http:')) Object.assign(cluster, { skipTLSVerify: true });
  const { server, proxyUrl } = cluster;
  if (!URL.canParse(server)) throw new Error(`the server of cluster "${cluster.name}" is not a URL`);
  if (proxyUrl && !URL.canParse(proxyUrl)) throw new Error(`the proxy-url of cluster "${cluster.name}" is not a URL`);
  if (proxyUrl?.startsWith('socks')) throw new Error('SOCKS proxies are not supported');
  return { server: server.replace(/\/+$/, ''), ...(proxyUrl ? { proxyUrl } : {}) };
}

/** Loads client-node only here: it costs 35 MB, and a program in a cluster never needs it. */
async function loadFiles(files: readonly string[]): Promise<{ config: KubeConfig; cluster: Cluster }> {
  const { KubeConfig: Config } = await import('@kubernetes/client-node');
  const config = new Config();
  for (const file of files) {
    const part = new Config();
    part.loadFromFile(file);
    config.mergeConfig(part, Boolean(config.currentContext));
  }
  return { config, cluster: currentCluster(config) };
}

async function named<V>(files: readonly string[], work: () => Promise<V>): Promise<V> {
  try {
    return await work();
  } catch (cause) {
    // Below its first line a parser quotes the file, where tokens and keys are.
    const [why = ''] = (cause instanceof Error ? cause.message : String(cause)).split('\n');
    throw new KubeError('badConfig', `kubeconfig ${files.join(':')}: ${why}`);
  }
}

type Credentials = { headers: Record<string, string>; tls: TlsMaterial };

async function credentialsOf(config: KubeConfig): Promise<Credentials> {
  const options: RequestOptions = { headers: {} };
  await config.applyToHTTPSOptions(options);
  const headers = { ...(options.headers as Record<string, string>) };
  if (typeof options.auth === 'string') headers.Authorization = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  const { ca, cert, key, passphrase, servername, rejectUnauthorized } = options;
  const tls = Object.entries({ ca, cert, key, passphrase, servername, rejectUnauthorized });
  return { headers, tls: Object.fromEntries(tls.filter(([, value]) => value !== undefined)) };
}

/** Object identity tells the agent whether its connector is still right, so equal material keeps its object. */
function keepEqual(before: TlsMaterial, after: TlsMaterial): TlsMaterial {
  return JSON.stringify(before) === JSON.stringify(after) ? before : after;
}

/**
 * Access by kubeconfig files, the first one's current context winning: client certificates, tokens, token files, exec
 * plug-ins and OpenID Connect, as client-node does them. Refused credentials make it read the files anew.
 */
export async function kubeconfigAccess(files: readonly string[], clock: Clock): Promise<ServerAccess> {
  const first = await named(files, () => loadFiles(files));
  const { cluster } = first;
  let { config } = first;
  let tls: TlsMaterial = {};
  let loaded = true;
  const credentials = cachedFor(clock, REREAD_MS, () =>
    named(files, async () => {
      if (!loaded) ({ config } = await loadFiles(files));
      loaded = true;
      const current = await credentialsOf(config);
      tls = keepEqual(tls, current.tls);
      return current.headers;
    }),
  );
  await credentials(true);
  return {
    ...cluster,
    headers: (fresh) => {
      if (fresh) loaded = false;
      return credentials(fresh);
    },
    tls: () => tls,
  };
}
