import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { UsageError } from '@aad-pod-identity/runtime';
import { clustersFolder, type Layout } from '../plan/layout.ts';
import { parseState, type ClusterState } from '../plan/state.ts';

/**
 * Makes the cluster's folder, which only its owner may read.
 * @throws UsageError if something else is in it
 */
export function claimFolder({ root, state, lock, folders }: Layout): void {
  const isClustersOwn = dirname(root) === clustersFolder();
  mkdirSync(root, { recursive: true, mode: 0o700 });
  const owned = isClustersOwn ? clustersFolder() : root;
  if (statSync(owned).uid !== process.getuid?.()) throw new UsageError(`${owned} belongs to another user`);
  const known = new Set([state, lock, ...folders]);
  const strangers = readdirSync(root).filter((name) => !known.has(`${root}/${name}`));
  if (!existsSync(state) && strangers.length > 0) {
    throw new UsageError(`${root} holds other things (${strangers.slice(0, 3).join(', ')}): name an empty folder`);
  }
  chmodSync(root, 0o700);
}

export function makeFolders({ folders }: Layout): void {
  for (const folder of folders) mkdirSync(folder, { recursive: true, mode: 0o700 });
}

export function readState({ state }: Layout): ClusterState | 'unreadable' | undefined {
  if (!existsSync(state)) return undefined;
  return parseState(readFileSync(state, 'utf8')) ?? 'unreadable';
}

/** Whole or not at all. */
export function writeState({ state: file }: Layout, state: ClusterState): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(state, undefined, 2)}\n`);
  renameSync(`${file}.new`, file);
}

/** Removes what the cluster has written; its state comes last, so that an interrupted removal is gone on with. */
export function wipe({ state, kubeconfig, folders }: Layout): void {
  for (const path of [...folders, kubeconfig, `${state}.new`, state]) rmSync(path, { recursive: true, force: true });
}

/** Removes the cluster's folder unless something is in it, be it another command's lock or somebody else's file. */
export function dropEmptyFolder({ root }: Layout): void {
  try {
    rmdirSync(root);
  } catch {
    // not empty
  }
}

/** Name of the node's control group: clusters of the same name in two folders have two. */
export function cgroupName({ root }: Layout): string {
  return `aad-pod-identity-${createHash('sha256').update(root).digest('hex').slice(0, 8)}`;
}
