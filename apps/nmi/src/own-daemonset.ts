import { UNINSTALL_ANNOTATION } from '@aad-pod-identity/crd-types';
import {
  createReflector,
  daemonSets,
  type FieldTree,
  type KubeClient,
  namespacedName,
  Store,
} from '@aad-pod-identity/kube';
import type { Clock, Task } from '@aad-pod-identity/runtime';
import type { Logger } from '@aad-pod-identity/telemetry';

/** Only what was seen counts: no answer, and an answer that refuses, leave everything as it is. */
export interface OwnDaemonSet {
  /** Whether it carries the marker that `helm uninstall` sets; nobody may edit it who could not also delete it. */
  readonly isUninstalling: () => boolean;
  /** Whether an update starts the next NMI of a node before it stops this one. */
  readonly surges: () => boolean;
  readonly run: Task;
}

interface Seen {
  readonly namespace: string;
  readonly name: string;
  readonly uninstall: boolean;
  readonly surges: boolean;
}

interface RawDaemonSet {
  readonly metadata: { namespace: string; name: string; annotations?: Record<string, unknown> | null };
  readonly spec?: { updateStrategy?: { rollingUpdate?: { maxSurge?: number | string | null } | null } | null } | null;
}

const FIELDS: FieldTree = { metadata: { annotations: true }, spec: { updateStrategy: true } };

/** `maxSurge` is a number of nodes, or a share of them such as `10%`. */
const isSurge = (maxSurge: number | string): boolean => /^[1-9]/.test(String(maxSurge));

function slim(raw: unknown): Seen {
  const { metadata, spec } = raw as RawDaemonSet;
  const { namespace, name, annotations } = metadata;
  const uninstall = annotations?.[UNINSTALL_ANNOTATION] === 'true';
  return { namespace, name, uninstall, surges: isSurge(spec?.updateStrategy?.rollingUpdate?.maxSurge ?? 0) };
}

export interface OwnDaemonSetOptions {
  readonly client: KubeClient;
  /** `namespace/name`; empty for none. */
  readonly daemonset: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

export function watchOwnDaemonSet({ daemonset, ...common }: OwnDaemonSetOptions): OwnDaemonSet {
  const [namespace = '', name = ''] = daemonset.split('/');
  const store = new Store<Seen>({ key: namespacedName });
  const reflector = createReflector({
    ...{ ...common, store, slim, fields: FIELDS, resource: daemonSets },
    ...{ namespace, fieldSelector: `metadata.name=${name}` },
  });
  return {
    isUninstalling: () => store.get(daemonset)?.uninstall === true,
    surges: () => store.get(daemonset)?.surges === true,
    run: (signal) => (daemonset === '' ? Promise.resolve() : reflector.run(signal)),
  };
}
