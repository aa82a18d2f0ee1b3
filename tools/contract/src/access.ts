import type { RequestOptions } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import { Agent } from 'undici';

/** How to reach a server, whichever it is. */
export interface Access {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly dispatcher: Agent;
}

/** Reads address and credentials of a kubeconfig's current context. */
export async function readAccess(kubeconfig: string): Promise<Access> {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const options: RequestOptions = { headers: {} };
  await config.applyToHTTPSOptions(options);
  const { ca, cert, key } = options;
  const given = Object.entries({ ca, cert, key }).filter(([, value]) => value !== undefined);
  return {
    url: config.getCurrentCluster()?.server ?? '',
    headers: options.headers as Record<string, string>,
    dispatcher: new Agent({ connect: Object.fromEntries(given), bodyTimeout: 0 }),
  };
}
