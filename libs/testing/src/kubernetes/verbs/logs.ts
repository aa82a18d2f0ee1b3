import type { Cluster } from '../cluster.ts';
import { type Answer, type ApiRequest, flag } from '../http/request.ts';
import type { ResponseSink } from '../http/sink.ts';
import type { Target } from '../http/target.ts';
import { listAt, stringAt } from '../json.ts';
import { type KubeObject, keyOf } from '../objects.ts';
import { badRequest } from '../status-errors.ts';
import { completeLines, type LogOptions, logOptions, selectLines, tail } from './log-lines.ts';
import { stored } from './read.ts';

/** How often a log that is followed is looked at. */
const FOLLOW_MS = 200;

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

function shown(text: string, options: LogOptions): string {
  const lines = tail(selectLines(text, options), options.tailLines);
  if (options.limitBytes === undefined) return lines;
  return Buffer.from(lines).subarray(0, options.limitBytes).toString('utf8');
}

/** Sends what is added to the log, line by line, until the client or the pod goes. */
function follow(cluster: Cluster, pod: KubeObject, options: LogOptions, sink: ResponseSink): void {
  const { namespace = '', name } = pod.metadata;
  const read = (): string => cluster.options.logs(namespace, name) ?? '';
  let sent = 0;
  const send = (text: string, render: (added: string) => string): void => {
    // a log that got shorter is another one
    const added = text.slice(text.length < sent ? 0 : sent);
    sent = text.length;
    if (added !== '') sink.write(render(added));
  };
  const more = (added: string): string => selectLines(added, { ...options, since: undefined });
  const look = (): void => {
    send(completeLines(read()), more);
    cancel = cluster.clock.schedule(FOLLOW_MS, look);
  };
  sink.head(200, { 'content-type': 'text/plain', 'cache-control': 'no-cache, private' });
  send(completeLines(read()), (text) => shown(text, options));
  let cancel = cluster.clock.schedule(FOLLOW_MS, look);
  const unsubscribe = cluster.storage.subscribe(({ type, collection, object }) => {
    if (collection !== 'pods' || type !== 'DELETED' || keyOf(object) !== keyOf(pod)) return;
    send(read(), more);
    sink.end();
  });
  sink.onClose(() => {
    cancel();
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
