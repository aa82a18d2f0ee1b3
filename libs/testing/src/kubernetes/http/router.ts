import type { Cluster } from '../cluster.ts';
import { methodNotAllowed } from '../status-errors.ts';
import { remove, removeCollection } from '../verbs/delete.ts';
import { patch } from '../verbs/patch.ts';
import { get, list } from '../verbs/read.ts';
import { special } from '../verbs/special.ts';
import { watch } from '../verbs/watch.ts';
import { create, update } from '../verbs/write.ts';
import { assertAcceptable } from './negotiate.ts';
import { plainPage } from './pages.ts';
import { type Answer, type ApiRequest, flag } from './request.ts';
import { parseTarget, type Target } from './target.ts';

type Verb = (cluster: Cluster, target: Target, request: ApiRequest) => Answer;

/** Verb of a request on a collection and on one object. */
const COLLECTION: Readonly<Record<string, [string, Verb]>> = {
  GET: ['list', list],
  POST: ['create', create],
  DELETE: ['deletecollection', removeCollection],
};
const OBJECT: Readonly<Record<string, [string, Verb]>> = {
  GET: ['get', get],
  PUT: ['update', update],
  PATCH: ['patch', patch],
  DELETE: ['delete', remove],
};

export const isWatch = (method: string, query: URLSearchParams): boolean => method === 'GET' && flag(query, 'watch');

function onResource(cluster: Cluster, target: Target, request: ApiRequest): Answer {
  const own = special(cluster, target, request);
  if (own !== undefined) return own;
  if (target.name === undefined && isWatch(request.method, request.query)) return watch(cluster, target, request);
  const [verb, run] = (target.name === undefined ? COLLECTION : OBJECT)[request.method] ?? [];
  if (verb === undefined || run === undefined || !target.type.verbs.includes(verb)) throw methodNotAllowed();
  if (target.subresource !== undefined && verb === 'delete') throw methodNotAllowed();
  if (verb === 'create' && target.type.namespaced && target.namespace === undefined) throw methodNotAllowed();
  return run(cluster, target, request);
}

/** Where not even a group is served the answer is no Status. */
const NOWHERE = { status: 404, body: '404 page not found\n', contentType: 'text/plain; charset=utf-8' };

/** Answers any request. @throws ApiError for every answer that is a Status of failure */
export function route(cluster: Cluster, request: ApiRequest): Answer {
  const page = plainPage(cluster, request);
  if (page !== undefined) return page;
  const target = parseTarget(request.path, cluster.registry);
  if (target === undefined) return NOWHERE;
  if (target.subresource !== 'log') assertAcceptable(request.headers.accept);
  return onResource(cluster, target, request);
}
