import { Agent, type Dispatcher, EnvHttpProxyAgent } from 'undici';

/** First of the names that is set; programs have read both cases for decades. */
function setting(env: NodeJS.ProcessEnv, ...names: string[]): string | undefined {
  return names.map((name) => env[name]).find((value) => value !== undefined && value !== '');
}

/** The way to the outside: through the proxies that `env` names, if it names any; as the ARM client's SDK reads them. */
export function createDispatcher(env: NodeJS.ProcessEnv): Dispatcher {
  const httpProxy = setting(env, 'http_proxy', 'HTTP_PROXY');
  const httpsProxy = setting(env, 'https_proxy', 'HTTPS_PROXY');
  if (httpProxy === undefined && httpsProxy === undefined) return new Agent();
  // Every option is given, empty if need be, for the agent fills gaps from the process's own environment.
  return new EnvHttpProxyAgent({
    httpProxy: httpProxy ?? '',
    httpsProxy: httpsProxy ?? '',
    noProxy: setting(env, 'no_proxy', 'NO_PROXY') ?? '',
  });
}
