/** Paths of the collections the cases use; `@` is the namespace of the case. */
export const CONFIG_MAPS = '/api/v1/@/configmaps';
export const PODS = '/api/v1/@/pods';
export const SECRETS = '/api/v1/@/secrets';
export const ACCOUNTS = '/api/v1/@/serviceaccounts';
export const EVENTS = '/api/v1/@/events';
export const LEASES = '/apis/coordination.k8s.io/v1/@/leases';
export const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

export const MERGE = { 'content-type': 'application/merge-patch+json' };
export const JSON_PATCH = { 'content-type': 'application/json-patch+json' };
export const STRATEGIC = { 'content-type': 'application/strategic-merge-patch+json' };
export const APPLY = { 'content-type': 'application/apply-patch+yaml' };

type Strings = Readonly<Record<string, string>>;

export const configMap = (name: string, data: Strings = {}, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...metadata },
  data,
});

export const pod = (name: string, spec: object = {}, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, ...metadata },
  spec: { containers: [{ name: 'main', image: 'demo:1' }], ...spec },
});

export const lease = (name: string, spec: object = {}, metadata: object = {}) => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name, ...metadata },
  spec,
});
