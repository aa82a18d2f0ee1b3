import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where built tools are kept between runs: `AAD_POD_IDENTITY_CACHE`, else a folder of the user's cache. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  const userCache = env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return env.AAD_POD_IDENTITY_CACHE || join(userCache, 'aad-pod-identity');
}
