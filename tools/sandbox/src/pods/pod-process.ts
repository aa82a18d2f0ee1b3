import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Clock } from '@aad-pod-identity/runtime';
import { request } from 'undici';
import { startChild, type Child } from '../child.ts';

export interface PodPlace {
  readonly podIP: string;
  /** `host:port` that NMI listens on. */
  readonly nmiAddress: string;
}

const validator = join(import.meta.dirname, '../../../../apps/identity-validator/src/main.ts');
const network = join(import.meta.dirname, 'pod-network.ts');

const inPod = ({ podIP, nmiAddress }: PodPlace) => ({ POD_IP: podIP, NMI_ADDRESS: nmiAddress });

/** The demo application as the pod's one process; whatever image the pod names, this runs. Its page is at `port`. */
export function startPodProcess(
  name: string,
  place: PodPlace & { readonly port: number },
  logFile: string,
  clock: Clock,
): Child {
  const args = ['--import', network, validator, `--listen-address=${place.podIP}`, `--port=${place.port}`];
  return startChild({ name, args, env: inPod(place), logFile }, clock);
}

/** Whether the application in a pod serves, as a readiness probe would find out. */
export async function isServing(page: string): Promise<boolean> {
  try {
    const { body } = await request(new URL('healthz', page));
    return (await body.text()) === 'ok';
  } catch {
    return false;
  }
}

export interface CheckResult {
  readonly ok: boolean;
  /** What it printed, one line. */
  readonly line: string;
}

/**
 * Runs the demo's one-shot check inside a pod, like `kubectl exec`: a fresh process that has no token in memory.
 * @throws the signal's reason once that aborts; the process is ended then
 */
export async function checkInPod(place: PodPlace, signal: AbortSignal, timeout = '10s'): Promise<CheckResult> {
  signal.throwIfAborted();
  const args = ['--import', network, validator, '--check', `--timeout=${timeout}`];
  const env = { ...inPod(place), PATH: process.env.PATH ?? '' };
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const kill = () => child.kill('SIGKILL');
  signal.addEventListener('abort', kill, { once: true });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  signal.removeEventListener('abort', kill);
  signal.throwIfAborted();
  return { ok: child.exitCode === 0, line: (out + err).trim().split('\n')[0] ?? '' };
}
