import { httpsProxy } from '@aad-pod-identity/runtime';
import { Agent, type Dispatcher, EnvHttpProxyAgent } from 'undici';

/** The way to the outside, always by https: through the proxy that `env` names, if it names one. @throws UsageError */
export function createDispatcher(env: NodeJS.ProcessEnv): Dispatcher {
  const proxy = httpsProxy(env);
  if (proxy === undefined) return new Agent();
  // Every option is given, for the agent fills gaps from the process's own environment.
  return new EnvHttpProxyAgent({ httpProxy: proxy.url, httpsProxy: proxy.url, noProxy: proxy.noProxy });
}
