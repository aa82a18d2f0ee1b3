import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { UsageError } from '@aad-pod-identity/runtime';
import { takeLock } from './lock.ts';

const PROGRAMS = ['sandbox', 'kubernetes', 'azure', 'mic', 'nmi'] as const;
export type ProgramName = (typeof PROGRAMS)[number];

/** Every file that a run writes, by what it is. */
export interface RunFolder {
  readonly root: string;
  /** Whether it was made for this run alone. */
  readonly temporary: boolean;
  readonly kubeconfig: string;
  readonly caCert: string;
  /** Private keys, there only until the simulators have read them. */
  readonly caKey: string;
  readonly kubernetesKey: string;
  readonly kubernetesCert: string;
  /** AzureStackCloud's endpoints, for `AZURE_ENVIRONMENT_FILEPATH`. */
  readonly environment: string;
  /** What Azure consists of when the run begins. */
  readonly azureState: string;
  /** MIC's `--cloudconfig`. */
  readonly cloudConfig: string;
  readonly podLogs: string;
  /** Everything of a real control plane, where there is one. */
  readonly controlPlane: string;
  readonly log: (program: ProgramName) => string;
  readonly podLog: (namespace: string, pod: string) => string;
  removeKeys(): void;
  /**
   * Ends the use of the folder: no key stays, and what was made for this run alone goes unless its logs are wanted.
   * @returns whether it is still there
   */
  end(how: { readonly keepLogs: boolean }): boolean;
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'is not yours to write in',
  EPERM: 'is not yours to write in',
  EROFS: 'is on a file system that cannot be written',
  ENOTDIR: 'lies below a file',
  EEXIST: 'is a file',
  ENOENT: 'lies where no folder can be made',
  ENOSPC: 'is on a full disk',
  ENAMETOOLONG: 'is too long a name',
};

function unusable(folder: string, path: string, error: unknown): UsageError {
  if (error instanceof UsageError) return error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  const found = `${JSON.stringify(path)} ${REASONS[code] ?? `cannot be used (${message})`}`;
  if (folder === '') return new UsageError(`the temp folder ${found}; name another folder by --folder`);
  return new UsageError(`--folder: ${found}; it must be a folder that you may make or write in`);
}

const failure = (code: string) => Object.assign(new Error(code), { code });

/** Not by `recursive`, which never returns where the kernel lets nobody make folders, as in /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) {
    if (!statSync(path).isDirectory()) throw failure('EEXIST');
    return;
  }
  const parent = dirname(path);
  if (existsSync(parent) && !statSync(parent).isDirectory()) throw failure('ENOTDIR');
  makeFolder(parent);
  mkdirSync(path);
}

/** Logs of an earlier run in the same folder would be taken for this one's. */
function removeOldLogs(log: RunFolder['log'], podLogs: string): void {
  for (const program of PROGRAMS) rmSync(log(program), { force: true });
  for (const name of readdirSync(podLogs)) if (/^[^_]+_.+\.log(\.1)?$/.test(name)) rmSync(join(podLogs, name));
}

function prepare(root: string): Pick<RunFolder, 'podLogs' | 'log'> & { unlock: () => void } {
  makeFolder(root);
  const unlock = takeLock(join(root, 'sandbox.lock'));
  const podLogs = join(root, 'pods');
  makeFolder(podLogs);
  const log = (program: ProgramName) => join(root, `${program}.log`);
  removeOldLogs(log, podLogs);
  return { podLogs, log, unlock };
}

function open(folder: string) {
  const named = folder === '' ? tmpdir() : resolve(folder);
  try {
    const root = folder === '' ? mkdtempSync(join(named, 'aad-pod-identity-')) : named;
    return { root, ...prepare(root) };
  } catch (error) {
    throw unusable(folder, named, error);
  }
}

/**
 * @param folder where; empty: a new folder below the system's temp folder
 * @throws UsageError that names the flag, what was found and what is allowed; also when another sandbox uses the folder
 */
export function createRunFolder(folder: string): RunFolder {
  const { root, podLogs, log, unlock } = open(folder);
  const temporary = folder === '';
  const [caKey, kubernetesKey] = [join(root, 'ca-key.pem'), join(root, 'kubernetes-key.pem')];
  const removeKeys = () => {
    for (const key of [caKey, kubernetesKey]) rmSync(key, { force: true });
  };
  return {
    ...{ root, temporary, podLogs, log, caKey, kubernetesKey, removeKeys },
    kubeconfig: join(root, 'kubeconfig'),
    caCert: join(root, 'ca.pem'),
    kubernetesCert: join(root, 'kubernetes-cert.pem'),
    environment: join(root, 'azure-environment.json'),
    azureState: join(root, 'azure-state.json'),
    cloudConfig: join(root, 'azure.json'),
    controlPlane: join(root, 'control-plane'),
    podLog: (namespace, pod) => join(podLogs, `${namespace}_${pod}.log`),
    end: ({ keepLogs }) => {
      removeKeys();
      unlock();
      if (temporary && !keepLogs) rmSync(root, { recursive: true, force: true, maxRetries: 3 });
      return existsSync(root);
    },
  };
}
