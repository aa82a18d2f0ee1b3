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

/** Set on NMI's own DaemonSet, which nobody may edit who could not also delete it. */
export const UNINSTALL_ANNOTATION = 'aadpodidentity.k8s.io/uninstall';

export interface UninstallMarker {
  /** Only what was seen counts: no answer, and an answer that refuses, leave everything as it is. */
  readonly isSet: () => boolean;
  readonly run: Task;
}

interface Marked {
  readonly namespace: string;
  readonly name: string;
  readonly uninstall: boolean;
}

interface RawDaemonSet {
  readonly metadata: { namespace: string; name: string; annotations?: Record<string, unknown> | null };
}

const FIELDS: FieldTree = { metadata: { annotations: true } };

function slim(raw: unknown): Marked {
  const { namespace, name, annotations } = (raw as RawDaemonSet).metadata;
  return { namespace, name, uninstall: annotations?.[UNINSTALL_ANNOTATION] === 'true' };
}

export interface UninstallMarkerOptions {
  readonly client: KubeClient;
  /** `namespace/name`; empty for none. */
  readonly daemonset: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Watches NMI's own DaemonSet for the marker that `helm uninstall` sets before it deletes anything. */
export function watchUninstallMarker({ daemonset, ...common }: UninstallMarkerOptions): UninstallMarker {
  const [namespace = '', name = ''] = daemonset.split('/');
  const store = new Store<Marked>({ key: namespacedName });
  const reflector = createReflector({
    ...{ ...common, store, slim, fields: FIELDS, resource: daemonSets },
    ...{ namespace, fieldSelector: `metadata.name=${name}` },
  });
  return {
    isSet: () => store.get(daemonset)?.uninstall === true,
    run: (signal) => (daemonset === '' ? Promise.resolve() : reflector.run(signal)),
  };
}
