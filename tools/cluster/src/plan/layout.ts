import { tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { UsageError } from '@aad-pod-identity/runtime';

/** Every file of one cluster, by what it is. */
export interface Layout {
  readonly root: string;
  readonly state: string;
  readonly lock: string;
  readonly kubeconfig: string;
  readonly auditLog: string;
  readonly etcd: string;
  readonly pids: string;
  readonly logs: string;
  readonly node: string;
  readonly folders: readonly string[];
  readonly pki: (file: string) => string;
  readonly config: (file: string) => string;
  readonly log: (component: string) => string;
  readonly pid: (component: string) => string;
}

export const DEFAULT_NAME = 'default';

/** Where clusters are kept unless a folder is named; of this user alone, for it holds the keys of administrators. */
export function clustersFolder(): string {
  return join(tmpdir(), `aad-pod-identity-clusters-${userInfo().uid}`);
}

/** A node mounts its own file systems over these. */
const HIDDEN_FROM_NODE = /^\/(etc|opt|proc|run|sys|dev|var\/(lib|log|run))(\/|$)/;

/** @throws UsageError where the name or the folder cannot serve */
export function layout({ name = DEFAULT_NAME, folder = '' }: { name?: string; folder?: string }): Layout {
  if (!/^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/.test(name)) {
    throw new UsageError(`${JSON.stringify(name)} is no name of a cluster: a to z, 0 to 9 and dashes, 32 at most`);
  }
  const root = folder === '' ? join(clustersFolder(), name) : resolve(folder);
  if (HIDDEN_FROM_NODE.test(root)) throw new UsageError(`${root} cannot hold a cluster: its node hides that folder`);
  const under = (part: string) => (file: string) => join(root, part, file);
  return {
    root,
    state: join(root, 'cluster.json'),
    lock: join(root, 'lock'),
    kubeconfig: join(root, 'kubeconfig'),
    auditLog: join(root, 'logs', 'audit.log'),
    etcd: join(root, 'etcd'),
    pids: join(root, 'pids'),
    logs: join(root, 'logs'),
    node: join(root, 'node'),
    folders: ['config', 'etcd', 'logs', 'node', 'pids', 'pki'].map((part) => join(root, part)),
    pki: under('pki'),
    config: under('config'),
    log: (component) => join(root, 'logs', `${component}.log`),
    pid: under('pids'),
  };
}
