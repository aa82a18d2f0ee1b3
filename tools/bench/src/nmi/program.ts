import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, rmdirSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { systemClock } from '@aad-pod-identity/runtime';
import { imageFlags } from '../image-flags.ts';
import { NODE, type WorldReady } from './protocol.ts';

const workspaceRoot = join(dirname(fileURLToPath(import.meta.url)), '../../../..');
const run = promisify(execFile);

/** As in the image. */
const IMAGE_FLAGS = imageFlags('nmi');

/** NMI, bundled as for its image and running as its container runs it, with its log on. */
export interface Program {
  readonly pid: number;
  readonly port: number;
  readonly metricsPort: number;
  /** From the start of the process to the line that says that it knows its pods, in milliseconds. */
  readonly readyMs: number;
  /** The log is a file; this empties it. */
  forgetLog(): void;
  /** Tells it to stop and gives its exit code. */
  stop(): Promise<number | null>;
  end(): Promise<void>;
}

export interface Bundle {
  readonly folder: string;
  readonly main: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Bundles NMI into `folder`, with its compiled code beside it as in the image. */
export async function bundleNmi(folder: string): Promise<Bundle> {
  const out = join(folder, 'nmi');
  await run(process.execPath, ['tools/workspace/src/build.ts', 'nmi', out], { cwd: workspaceRoot });
  const main = join(out, 'main.js');
  const env = {
    PATH: process.env.PATH,
    NODE_ENV: 'production',
    NODE_COMPILE_CACHE: join(folder, 'compile-cache'),
    ...{ MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '131072', MALLOC_MMAP_THRESHOLD_: '131072' },
  };
  for (const flag of ['--version', '--help']) await run(process.execPath, [...IMAGE_FLAGS, main, flag], { env });
  return { folder, main, env };
}

/** What a pod finds in its file system and environment. */
function writeSettings({ folder }: Bundle, { apiServer, environment, caPem, kubernetesCaPem }: WorldReady) {
  const file = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  file('token', 'a-token-of-the-bench');
  file('ca.crt', kubernetesCaPem);
  const { hostname, port } = new URL(apiServer);
  return {
    KUBERNETES_SERVICE_HOST: hostname,
    KUBERNETES_SERVICE_PORT: port,
    AZURE_ENVIRONMENT_FILEPATH: file('cloud.json', environment),
    NODE_EXTRA_CA_CERTS: file('ca.pem', caPem),
  };
}

/** The service account's files stand where a pod has them, in a mount namespace of the program's own. Needs root. */
const AS_POD = `mount -t tmpfs tmpfs /run && d=/run/secrets/kubernetes.io/serviceaccount && mkdir -p $d &&
cp "$1/token" "$1/ca.crt" $d && shift && exec "$@"`;

function podCommand({ folder, main }: Bundle, args: readonly string[]): [program: string, args: string[]] {
  const node = [process.execPath, ...IMAGE_FLAGS, main, ...args];
  return ['unshare', ['--mount', '--propagation=private', 'sh', '-ec', AS_POD, 'sh', folder, ...node]];
}

interface Ports {
  readonly port: number;
  readonly metricsPort: number;
}

const POLL_MS = 2;
const numberIn = (log: string, field: string): number => Number(new RegExp(`\\b${field}=(\\d+)`).exec(log)?.[1] ?? NaN);

/** @throws when it ends before */
async function untilReady(child: ChildProcess, logFile: string): Promise<Ports> {
  for (;;) {
    const log = readFileSync(logFile, 'utf8');
    if (log.includes('identities are known') && log.includes('metricsPort'))
      return { port: numberIn(log, 'port'), metricsPort: numberIn(log, 'metricsPort') };
    if (child.exitCode !== null) throw new Error(`NMI has ended:\n${log}`);
    await systemClock.sleep(POLL_MS);
  }
}

/** A CPU limit as Kubernetes sets it. @throws where control groups of version 1 cannot be written */
export function cpuLimit(millicores: number): { add: (pid: number) => void; remove: () => void } {
  const group = `/sys/fs/cgroup/cpu/bench-nmi-${process.pid}`;
  mkdirSync(group);
  writeFileSync(join(group, 'cpu.cfs_period_us'), '100000');
  writeFileSync(join(group, 'cpu.cfs_quota_us'), String(millicores * 100));
  return {
    add: (pid) => {
      writeFileSync(join(group, 'cgroup.procs'), String(pid));
    },
    remove: () => {
      rmdirSync(group);
    },
  };
}

let started = 0;

export async function startNmi(bundle: Bundle, world: WorldReady, more: readonly string[] = []): Promise<Program> {
  const ports = ['--nmi-port=0', '--http-probe-port=0', '--prometheus-port=0', `--metadata-port=${world.imdsPort}`];
  const flags = [`--node=${NODE}`, '--metadata-ip=127.0.0.1', '--redirection=none'];
  const logFile = join(bundle.folder, `nmi-${started++}.log`);
  writeFileSync(logFile, '');
  const log = openSync(logFile, 'a');
  const env = { ...bundle.env, ...writeSettings(bundle, world) };
  const startedAt = systemClock.monotonic();
  const child = spawn(...podCommand(bundle, [...flags, ...ports, ...more]), { env, stdio: ['ignore', 'ignore', log] });
  closeSync(log);
  const ready = await untilReady(child, logFile);
  const readyMs = systemClock.monotonic() - startedAt;
  return {
    ...ready,
    readyMs,
    pid: child.pid ?? -1,
    forgetLog: () => {
      truncateSync(logFile);
    },
    stop: async () => {
      child.kill('SIGTERM');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      return child.exitCode;
    },
    end: async () => {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}
