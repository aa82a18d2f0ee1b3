import type { Cluster } from '../cluster.ts';
import { type Answer, type ApiRequest, flag } from '../http/request.ts';
import type { ResponseSink } from '../http/sink.ts';
import type { Target } from '../http/target.ts';
import { listAt, stringAt } from '../json.ts';
import { type KubeObject, keyOf } from '../objects.ts';
import { badRequest } from '../status-errors.ts';
import { type LogOptions, logOptions } from './log-lines.ts';
import { followLog, shown } from './log-text.ts';
import { stored } from './read.ts';

/** @throws ApiError 400 when the container has no log, in the words of the real API */
function assertReadable(pod: KubeObject, { container, previous }: LogOptions, text: string | undefined): void {
  const names = listAt(pod, 'spec', 'containers').map((entry) => stringAt(entry, 'name'));
  const { name } = pod.metadata;
  if (container !== '' && !names.includes(container))
    throw badRequest(`container ${container} is not valid for pod ${name}`);
  if (container === '' && names.length > 1) {
    throw badRequest(`a container name must be specified for pod ${name}, choose one of: [${names.join(' ')}]`);
  }
  const meant = container || (names[0] ?? '');
  if (previous) throw badRequest(`previous terminated container "${meant}" in pod "${name}" not found`);
  if (text === undefined && stringAt(pod, 'status', 'phase') === 'Pending') {
    throw badRequest(`container "${meant}" in pod "${name}" is waiting to start: ContainerCreating`);
  }
}

/** Sends what is added to the log, until the client or the pod goes. */
function follow(cluster: Cluster, pod: KubeObject, options: LogOptions, sink: ResponseSink): void {
  const { namespace = '', name } = pod.metadata;
  const read = (): string => cluster.options.logs(namespace, name) ?? '';
  sink.head(200, { 'content-type': 'text/plain', 'cache-control': 'no-cache, private' });
  const following = followLog(read, options, cluster.clock, (text) => {
    sink.write(text);
  });
  const unsubscribe = cluster.storage.subscribe(({ type, collection, object }) => {
    if (collection !== 'pods' || type !== 'DELETED' || keyOf(object) !== keyOf(pod)) return;
    following.finish();
    sink.end();
  });
  sink.onClose(() => {
    following.cancel();
    unsubscribe();
  });
}

/** The log of a pod's container: what whoever runs the pods has of it. */
export function podLog(cluster: Cluster, target: Target, request: ApiRequest): Answer {
  const pod = stored(cluster, target);
  const options = logOptions(request.query, (name) => flag(request.query, name), cluster.clock.now());
  const text = cluster.options.logs(target.namespace ?? '', pod.metadata.name);
  assertReadable(pod, options, text);
  if (!options.follow) return { status: 200, body: shown(text ?? '', options), contentType: 'text/plain' };
  return {
    stream: (sink) => {
      follow(cluster, pod, options, sink);
    },
  };
}
