import type { Cluster } from '../cluster.ts';
import type { Answer, ApiRequest } from './request.ts';

const HEALTH = new Set(['/healthz', '/livez', '/readyz', '/healthz/ping', '/livez/ping', '/readyz/ping']);

/** Pages open to everybody, with or without a token. */
export const isPublic = (path: string): boolean => HEALTH.has(path) || path === '/version' || path === '/version/';

export const VERSION = {
  major: '1',
  minor: '35',
  gitVersion: 'v1.35.4',
  gitCommit: '0000000000000000000000000000000000000000',
  gitTreeState: 'clean',
  buildDate: '2026-04-01T00:00:00Z',
  goVersion: 'go1.25.0',
  compiler: 'gc',
  platform: 'linux/amd64',
};

/** What is served beside resources: health, version, discovery, OpenAPI. */
export function plainPage(_cluster: Cluster, request: ApiRequest): Answer | undefined {
  if (HEALTH.has(request.path)) return { status: 200, body: 'ok', contentType: 'text/plain; charset=utf-8' };
  if (isPublic(request.path)) return { status: 200, body: VERSION };
  return undefined;
}
