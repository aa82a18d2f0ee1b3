import { UsageError } from './flags.ts';

/** The proxy for https, and the hosts that are reached without it, as `NO_PROXY` lists them. */
export interface HttpsProxy {
  readonly url: string;
  readonly noProxy: string;
}

/** First of the names that is set; programs have read both cases for decades. */
function setting(env: NodeJS.ProcessEnv, ...names: string[]): string | undefined {
  return names.map((name) => env[name]).find((value) => value !== undefined && value !== '');
}

/** The same for a proxy. @throws UsageError that names the variable, and not its value, which may hold a password */
function proxy(env: NodeJS.ProcessEnv, ...names: string[]): string | undefined {
  const url = setting(env, ...names);
  if (url === undefined || /^https?:$/.test(URL.parse(url)?.protocol ?? '')) return url;
  const name = names.find((each) => env[each] === url) ?? '';
  throw new UsageError(`${name} (environment): not the URL of an HTTP proxy, such as http://proxy.example.com:3128`);
}

/**
 * What the environment says about the way to an https URL; undefined for the direct one. `HTTP_PROXY` is for http URLs
 * only, as in Go and curl: of it nothing is used here, but it must make sense.
 * @throws UsageError
 */
export function httpsProxy(env: NodeJS.ProcessEnv): HttpsProxy | undefined {
  proxy(env, 'http_proxy', 'HTTP_PROXY');
  const url = proxy(env, 'https_proxy', 'HTTPS_PROXY');
  return url === undefined ? undefined : { url, noProxy: setting(env, 'no_proxy', 'NO_PROXY') ?? '' };
}
