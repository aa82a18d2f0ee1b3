import type { Cluster } from '../cluster.ts';
import type { Answer, ApiRequest } from '../http/request.ts';
import type { Target } from '../http/target.ts';
import { runWatch, type WatchRequest } from '../watch.ts';
import { type ListOptions, listOptions } from './options.ts';
import { ApiError } from '../status-errors.ts';
import { parseRevision, selection, unreadableRevision, view } from './read.ts';
import { renderer } from './representation.ts';

/** The real server ends a watch without a timeout after 30 to 60 minutes. */
const DEFAULT_TIMEOUT_SECONDS = 45 * 60;

/** Revision to start from; `undefined` asks for all that exists first. */
function startOf(options: ListOptions, asked: boolean, current: number): number | undefined {
  const revision = parseRevision(options.resourceVersion || '0');
  // unlike a list, a watch fails here without a reason
  if (revision === undefined) throw new ApiError(500, '', unreadableRevision(options.resourceVersion));
  if (options.sendInitialEvents) return undefined;
  if (revision > 0) return revision;
  return asked ? current : undefined;
}

export function watch(cluster: Cluster, target: Target, request: ApiRequest): Answer {
  const options = listOptions(request.query, true);
  const { storage, clock } = cluster;
  const order: WatchRequest = {
    type: target.type,
    accepts: selection(target, options),
    render: () => renderer(request.headers.accept, view(cluster, target.type, request)),
    from: startOf(options, request.query.has('sendInitialEvents'), storage.revision),
    bookmarks: options.allowBookmarks,
    initialEventsEnd: options.sendInitialEvents && options.allowBookmarks,
    timeoutMs: 1000 * (options.timeoutSeconds > 0 ? options.timeoutSeconds : DEFAULT_TIMEOUT_SECONDS),
  };
  return {
    stream: (sink) => {
      runWatch(order, { storage, clock, bookmarkIntervalMs: cluster.options.bookmarkIntervalMs }, sink);
    },
  };
}
