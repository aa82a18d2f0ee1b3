import { canonicalPath } from './canonical-path.ts';

/** What a request asks for. Everything that is not named here is refused. */
export type Route =
  | { readonly name: 'token' }
  | { readonly name: 'hostToken' }
  /** `path` is what the real service is asked for, never the caller's spelling. */
  | { readonly name: 'metadata'; readonly path: string }
  | { readonly name: 'probe' }
  | { readonly name: 'refused'; readonly because: Refusal };

export type Refusal = 'lookAlike' | 'noPlatformMetadata' | 'identityPath' | 'instanceBlocked' | 'notAllowed' | 'notGet';

export interface RouteRules {
  readonly blockInstanceMetadata: boolean;
  /** Lower case: `instance` allows `/metadata/instance` and all below it. */
  readonly metadataPaths: readonly string[];
}

/** NMI asks its own listener for this to see that it answers. It is refused like any other unknown path. */
export const PROBE_PATH = '/nmi-probe';

const METADATA = '/metadata/';
const IDENTITY = '/metadata/identity';
const TOKEN = '/oauth2/token';

interface Request {
  readonly method: string;
  readonly path: string;
  /** `path` in lower case: the service behind may fold case. */
  readonly folded: string;
  readonly asSent: boolean;
}

const refused = (because: Refusal): Route => ({ name: 'refused', because });

function isAtOrUnder(path: string, root: string): boolean {
  return path === root || path.startsWith(`${root}/`);
}

/** `metadata` may come in any case; what follows it may not. */
function isTokenPath({ path, folded }: Request): boolean {
  const rest = path.slice(METADATA.length - 1);
  return folded.startsWith(METADATA) && rest.startsWith(`/identity${TOKEN}`);
}

/** Another spelling of a token path passes only if it means exactly that path: one client sends two slashes first. */
function identityRoute(request: Request): Route {
  const { method, path, folded, asSent } = request;
  const exact = path.slice(METADATA.length - 1).replace(/\/$/, '') === `/identity${TOKEN}`;
  if (!asSent && !(isTokenPath(request) && exact)) return refused('lookAlike');
  if (isTokenPath(request)) return method === 'GET' ? { name: 'token' } : refused('notGet');
  if (method === 'GET' && isAtOrUnder(folded, `${IDENTITY}/getplatformmetadata`)) return refused('noPlatformMetadata');
  return refused('identityPath');
}

/** In any case: the service behind may fold it. */
export function isInstancePath(path: string): boolean {
  return path.toLowerCase().startsWith(`${METADATA}instance`);
}

function metadataRoute({ method, path, folded }: Request, rules: RouteRules): Route {
  if (rules.blockInstanceMetadata && isInstancePath(folded)) return refused('instanceBlocked');
  const root = rules.metadataPaths.map((name) => METADATA + name).find((allowed) => isAtOrUnder(folded, allowed));
  if (root === undefined || method !== 'GET') return refused('notAllowed');
  return { name: 'metadata', path: root + path.slice(root.length) };
}

/** A plain spelling of the one path that nearly all requests have; the rules have no say in it. */
const PLAIN_TOKEN_PATHS: ReadonlySet<string> = new Set(['', '/'].map((end) => `${IDENTITY}${TOKEN}${end}`));

/** Decides what is asked for. `target` is the request target without its query. */
export function routeOf(method: string, target: string, rules: RouteRules): Route {
  if (method === 'GET' && PLAIN_TOKEN_PATHS.has(target)) return { name: 'token' };
  const canonical = canonicalPath(target);
  if (canonical === undefined) return refused('lookAlike');
  const request = { method, ...canonical, folded: canonical.path.toLowerCase() };
  if (isAtOrUnder(request.folded, IDENTITY)) return identityRoute(request);
  if (request.folded.startsWith(METADATA)) return metadataRoute(request, rules);
  if (request.path.startsWith('/host/token')) return method === 'GET' ? { name: 'hostToken' } : refused('notGet');
  return request.path === PROBE_PATH ? { name: 'probe' } : refused('notAllowed');
}
