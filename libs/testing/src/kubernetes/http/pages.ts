import type { Cluster } from '../cluster.ts';
import { aggregated, apiGroupList, apiVersions, oneGroup, resourceList } from '../discovery/discovery.ts';
import { openApiDocument, openApiIndex, openApiV2 } from '../discovery/openapi.ts';
import { notAcceptable } from '../status-errors.ts';
import type { Answer, ApiRequest } from './request.ts';

const HEALTH = new Set(['/healthz', '/livez', '/readyz', '/healthz/ping', '/livez/ping', '/readyz/ping']);

/** Pages open to everybody, with or without a token. */
export const isPublic = (path: string): boolean => HEALTH.has(path) || path === '/version' || path === '/version/';

/** The release whose behaviour is followed. */
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

/** Version of aggregated discovery that an Accept header asks for. */
function aggregatedVersion(accept: string): string | undefined {
  const clause = accept.split(',').find((part) => part.includes('as=APIGroupDiscoveryList'));
  return /v=(v2(?:beta1)?)\b/.exec(clause ?? '')?.[1];
}

function discoveryRoot(cluster: Cluster, request: ApiRequest, core: boolean): Answer {
  const version = aggregatedVersion(request.headers.accept ?? '');
  if (version === undefined) {
    return { status: 200, body: core ? apiVersions(request.headers.host ?? '') : apiGroupList(cluster.registry) };
  }
  return {
    status: 200,
    body: aggregated(cluster.registry, core, version),
    contentType: `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
  };
}

function discoveryPage(cluster: Cluster, request: ApiRequest): object | undefined {
  const [root, first = '', second, ...rest] = request.path.split('/').filter((segment) => segment !== '');
  if (rest.length > 0) return undefined;
  if (root === 'api' && second === undefined) return resourceList(cluster.registry, '', first);
  if (root !== 'apis') return undefined;
  return second === undefined ? oneGroup(cluster.registry, first) : resourceList(cluster.registry, first, second);
}

const PROTOBUF_ONLY = /^application\/com\.github\.proto-openapi[^,]*$/;

function openApiPage(cluster: Cluster, request: ApiRequest): object | undefined {
  const { path } = request;
  if (!path.startsWith('/openapi/')) return undefined;
  if (PROTOBUF_ONLY.test(request.headers.accept ?? '')) throw notAcceptable(['application/json']);
  if (path === '/openapi/v2') return openApiV2(cluster.registry);
  if (path === '/openapi/v3' || path === '/openapi/v3/') return openApiIndex(cluster.registry);
  return openApiDocument(cluster.registry, path.slice('/openapi/v3/'.length));
}

/** Where whoever checks the tokens of service accounts finds out about their issuer. */
function issuerPage({ options }: Cluster, { headers }: ApiRequest): object {
  return {
    issuer: options.issuer,
    jwks_uri: `https://${headers.host ?? ''}/openid/v1/jwks`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  };
}

/** What is served beside resources: health, version, discovery, OpenAPI, the issuer of tokens. */
export function plainPage(cluster: Cluster, request: ApiRequest): Answer | undefined {
  if (request.method !== 'GET') return undefined;
  const path = request.path.length > 1 ? request.path.replace(/\/$/, '') : request.path;
  if (HEALTH.has(path)) return { status: 200, body: 'ok', contentType: 'text/plain; charset=utf-8' };
  if (isPublic(path)) return { status: 200, body: VERSION };
  if (path === '/api' || path === '/apis') return discoveryRoot(cluster, request, path === '/api');
  if (path === '/.well-known/openid-configuration') return { status: 200, body: issuerPage(cluster, request) };
  const page = discoveryPage(cluster, request) ?? openApiPage(cluster, request);
  return page === undefined ? undefined : { status: 200, body: page };
}
