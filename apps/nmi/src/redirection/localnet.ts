import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Interface -> its `route_localnet`; `all` counts for every interface, `default` for those that are yet to come. */
export type LocalnetSettings = Readonly<Record<string, string>>;

const CONFIGURATION = '/proc/sys/net/ipv4/conf';

export async function systemLocalnet(): Promise<LocalnetSettings> {
  const names = await readdir(CONFIGURATION);
  const read = (name: string) => readFile(join(CONFIGURATION, name, 'route_localnet'), 'utf8').catch(() => '0');
  const entries = names.map(async (name): Promise<[string, string]> => [name, (await read(name)).trim()]);
  return Object.fromEntries(await Promise.all(entries));
}

/**
 * Why redirected connections would not arrive at `listenAddress`: the kernel drops what comes from outside for a
 * loopback address unless `route_localnet` says otherwise, which kube-proxy sees to in some of its modes only.
 */
export function localnetProblem(listenAddress: string, settings: LocalnetSettings): string | undefined {
  const isLoopback = listenAddress === '0.0.0.0' || listenAddress.startsWith('127.');
  const isRouted = Object.entries(settings).some(([name, value]) => name !== 'lo' && value === '1');
  if (!isLoopback || isRouted) return undefined;
  return (
    'net.ipv4.conf.*.route_localnet is 0, so nothing can be redirected to a loopback address: ' +
    'set net.ipv4.conf.all.route_localnet=1 on the node, or --nmi-listen-address to the address of the node'
  );
}
