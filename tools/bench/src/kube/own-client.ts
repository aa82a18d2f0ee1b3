/** The process that uses the reflector and the store of libs/kube, set up as MIC and NMI do in a cluster. */
import { connect, createReflector, namespacedName, pods, Store } from '@aad-pod-identity/kube';
import { systemClock } from '@aad-pod-identity/runtime';
import type { Logger } from '@aad-pod-identity/telemetry';
import { measure, settings } from './measured.ts';

/** What MIC keeps of a pod, and more than NMI does. */
interface Pod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly node: string;
  readonly address: string;
  readonly binding: string;
  readonly phase: string;
}

interface RawPod {
  readonly metadata: { name: string; namespace: string; uid: string; labels?: Record<string, string> };
  readonly spec: { nodeName?: string };
  readonly status: { podIP?: string; phase?: string };
}

function slim(raw: unknown): Pod {
  const { metadata, spec, status } = raw as RawPod;
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    uid: metadata.uid,
    node: spec.nodeName ?? '',
    address: status.podIP ?? '',
    binding: metadata.labels?.aadpodidbinding ?? '',
    phase: status.phase ?? '',
  };
}

const ignore = (): void => undefined;
/** The logger's package is no part of the comparison. */
const logger: Logger = { verbosity: 0, debug: ignore, info: ignore, warn: ignore, error: ignore, child: () => logger };

const { port, serviceAccountDir, events } = settings();
const client = await connect({
  env: { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(port) },
  ...{ serviceAccountDir, clock: systemClock, logger, userAgent: 'bench' },
});
const store = new Store<Pod>({
  key: namespacedName,
  indexes: { address: ({ address }) => [address], binding: ({ binding }) => [binding] },
});

await measure(events, ({ listed, event }) => {
  const reflector = createReflector({
    ...{ client, resource: pods, slim, store, clock: systemClock, logger },
    metrics: { listed },
  });
  store.subscribe(({ type }) => {
    if (type === 'modified') event();
  });
  void reflector.run(new AbortController().signal);
  return () => ({ pods: store.size, pending: [...store.list()].filter(({ phase }) => phase === 'Pending').length });
});
