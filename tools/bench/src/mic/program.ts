import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { systemClock } from '@aad-pod-identity/runtime';
import { imageFlags } from '../image-flags.ts';
import type { AzureReady } from './protocol.ts';

const workspaceRoot = join(dirname(fileURLToPath(import.meta.url)), '../../../..');
const run = promisify(execFile);

const IMAGE_FLAGS = imageFlags('mic');

export interface MicBundle {
  readonly main: string;
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly args: readonly string[];
}

/** Bundles MIC into `folder`, with its compiled code beside it as in the image, and writes what it is configured by. */
export async function bundleMic(folder: string, kubeconfig: string, azure: AzureReady): Promise<MicBundle> {
  const out = join(folder, 'mic');
  await run(process.execPath, ['tools/workspace/src/build.ts', 'mic', out], { cwd: workspaceRoot });
  const file = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const env = {
    ...{ PATH: process.env.PATH, NODE_ENV: 'production', NODE_COMPILE_CACHE: join(folder, 'compile-cache') },
    ...{ MIC_POD_NAMESPACE: 'default', MALLOC_ARENA_MAX: '1', NODE_EXTRA_CA_CERTS: file('ca.pem', azure.caPem) },
    AZURE_ENVIRONMENT_FILEPATH: file('environment.json', azure.environment),
  };
  const main = join(out, 'main.js');
  for (const flag of ['--version', '--help']) await run(process.execPath, [...IMAGE_FLAGS, main, flag], { env });
  const cloudConfig = file('azure.json', azure.cloudConfig);
  const ports = ['--http-probe-port=0', '--prometheus-port=0'];
  return { main, folder, env, args: [`--kubeconfig=${kubeconfig}`, `--cloudconfig=${cloudConfig}`, ...ports] };
}

/** MIC as its container runs it. */
export interface Mic {
  readonly pid: number;
  readonly log: () => string;
  /** Resolves when it leads. */
  readonly leads: () => Promise<void>;
  /** SIGTERM, and its exit code. */
  readonly stop: () => Promise<number | null>;
  readonly kill: () => Promise<void>;
}

const POLL_MS = 5;

async function untilLogged(child: ChildProcess, log: () => string, text: string): Promise<void> {
  while (!log().includes(text)) {
    if (child.exitCode !== null) throw new Error(`MIC has ended:\n${log()}`);
    await systemClock.sleep(POLL_MS);
  }
}

let started = 0;

export function startMic(bundle: MicBundle, more: readonly string[] = [], nodeFlags: readonly string[] = []): Mic {
  const { main, folder, env, args } = bundle;
  const name = `mic-${started++}`;
  const logFile = join(folder, `${name}.log`);
  writeFileSync(logFile, '');
  const output = openSync(logFile, 'a');
  const flags = [...args, `--leader-election-instance=${name}`, ...more];
  const child = spawn(process.execPath, [...IMAGE_FLAGS, ...nodeFlags, main, ...flags], {
    env,
    stdio: ['ignore', 'ignore', output],
  });
  closeSync(output);
  const log = () => readFileSync(logFile, 'utf8');
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    return child.exitCode;
  };
  return {
    ...{ pid: child.pid ?? -1, log },
    leads: () => untilLogged(child, log, 'msg=leading '),
    stop: () => end('SIGTERM'),
    kill: async () => {
      await end('SIGKILL');
    },
  };
}
