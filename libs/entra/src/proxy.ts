import { UsageError } from '@aad-pod-identity/runtime';
import { Agent, type Dispatcher, EnvHttpProxyAgent } from 'undici';

/** First of the names that is set; programs have read both cases for decades. */
function setting(env: NodeJS.ProcessEnv, ...names: string[]): string | undefined {
  return names.map((name) => env[name]).find((value) => value !== undefined && value !== '');
}

/**
 * The same for a proxy.
 * @throws UsageError that names the variable, and not its value, which may hold a password
 */
function proxy(env: NodeJS.ProcessEnv, ...names: string[]): string | undefined {
  const url = setting(env, ...names);
  if (url === undefined || /^https?:$/.test(URL.parse(url)?.protocol ?? '')) return url;
  const name = names.find((each) => env[each] === url) ?? '';
  throw new UsageError(`${name} (environment): not the URL of an HTTP proxy, such as http://proxy.example.com:3128`);
}

/** The way to the outside: through the proxies that `env` names, if it names any; as the ARM client's SDK reads them. */
export function createDispatcher(env: NodeJS.ProcessEnv): Dispatcher {
  const httpProxy = proxy(env, 'http_proxy', 'HTTP_PROXY');
  const httpsProxy = proxy(env, 'https_proxy', 'HTTPS_PROXY');
  if (httpProxy === undefined && httpsProxy === undefined) return new Agent();
  // Every option is given, empty if need be, for the agent fills gaps from the process's own environment.
  return new EnvHttpProxyAgent({
    httpProxy: httpProxy ?? '',
    httpsProxy: httpsProxy ?? '',
    noProxy: setting(env, 'no_proxy', 'NO_PROXY') ?? '',
  });
}
