import { POD_LABEL } from '@aad-pod-identity/crd-types';
import { pod } from '@aad-pod-identity/testing';

import type { OwnerReference } from '../src/world/views.ts';

export interface WorkloadOptions {
  readonly kind?: 'Deployment' | 'StatefulSet' | 'DaemonSet' | 'ReplicaSet' | 'Job' | 'CronJob';
  readonly name?: string;
  readonly namespace?: string;
  /** The value of the label `aadpodidbinding` on its template. */
  readonly label?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly serviceAccount?: string;
  readonly hostNetwork?: boolean;
  readonly owner?: OwnerReference;
}

const isOfApps = (kind: string): boolean => ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'].includes(kind);

interface Template {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly spec: { readonly serviceAccountName?: string; readonly hostNetwork?: boolean };
}

export interface WorkloadObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly ownerReferences: readonly object[];
  };
  readonly spec: {
    readonly template?: Template;
    readonly jobTemplate?: { readonly spec: { readonly template: Template } };
  };
}

/** A workload as the API server returns it. */
export function workload(options: WorkloadOptions = {}): WorkloadObject {
  const { kind = 'Deployment', name = 'web', namespace = 'default', label, serviceAccount, hostNetwork } = options;
  const labels = { app: name, ...(label === undefined ? {} : { [POD_LABEL]: label }), ...options.labels };
  const spec = {
    ...(serviceAccount === undefined ? {} : { serviceAccountName: serviceAccount }),
    ...(hostNetwork === undefined ? {} : { hostNetwork }),
    containers: [{ name: 'main', image: 'demo' }],
  };
  const template = { metadata: { labels }, spec };
  const selector = isOfApps(kind) ? { selector: { matchLabels: { app: name } } } : {};
  const owners = options.owner === undefined ? [] : [{ ...options.owner, controller: true }];
  return {
    apiVersion: isOfApps(kind) ? 'apps/v1' : 'batch/v1',
    kind,
    metadata: { name, namespace, uid: `uid-${kind}-${namespace}-${name}`, ownerReferences: owners },
    spec: kind === 'CronJob' ? { jobTemplate: { spec: { template } } } : { ...selector, template },
  };
}

/** A live pod of a workload, as its controller makes it. */
export function podOf(of: WorkloadObject, suffix = 'x', changed: Record<string, string> = {}) {
  const { apiVersion, kind, metadata, spec } = of;
  const template = spec.template ?? spec.jobTemplate?.spec.template;
  const made = pod({
    ...{
      name: `${metadata.name}-${suffix}`,
      namespace: metadata.namespace,
      labels: { ...template?.metadata.labels, ...changed },
    },
    ...(template?.spec.serviceAccountName === undefined ? {} : { serviceAccount: template.spec.serviceAccountName }),
  });
  const owner = { apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true };
  return { ...made, metadata: { ...made.metadata, ownerReferences: [owner] } };
}

export const serviceAccount = (name: string, namespace = 'default', annotations: Record<string, string> = {}) => ({
  ...{ apiVersion: 'v1', kind: 'ServiceAccount' },
  metadata: { name, namespace, annotations },
});
