/** The process that uses the reflector and the store of libs/kube, set up as MIC and NMI do in a cluster. */
import { connect, createReflector, type FieldTree, namespacedName, pods, Store } from '@aad-pod-identity/kube';
import { systemClock } from '@aad-pod-identity/runtime';
import type { Logger } from '@aad-pod-identity/telemetry';
import { measure, settings } from './measured.ts';

/** As MIC keeps pods. */
interface Pod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly node: string;
  readonly label: string;
  readonly serviceAccount: string;
  readonly finished: boolean;
}

interface RawPod {
  readonly metadata: { name: string; namespace: string; uid: string; labels?: Record<string, string> };
  readonly spec: { nodeName?: string; serviceAccountName?: string };
  readonly status: { phase?: string };
}

/** What `slim` reads. */
const fields: FieldTree = {
  metadata: { uid: true, labels: true },
  spec: { nodeName: true, serviceAccountName: true },
  status: { phase: true },
};

function slim(raw: unknown): Pod {
  const { metadata, spec, status } = raw as RawPod;
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    uid: metadata.uid,
    node: spec.nodeName ?? '',
    label: metadata.labels?.aadpodidbinding ?? '',
    serviceAccount: spec.serviceAccountName ?? 'default',
    finished: status.phase === 'Succeeded' || status.phase === 'Failed',
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
  indexes: { node: ({ node }) => [node], label: ({ label }) => [label] },
});

await measure(events, ({ listed, event }) => {
  const reflector = createReflector({
    ...{ client, resource: pods, slim, store, clock: systemClock, logger },
    ...{ fields, metrics: { listed } },
  });
  store.subscribe(({ type }) => {
    if (type === 'modified') event();
  });
  void reflector.run(new AbortController().signal);
  return () => ({ pods: store.size, finished: [...store.list()].filter(({ finished }) => finished).length });
});
