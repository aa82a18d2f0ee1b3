import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Clock } from '@aad-pod-identity/runtime';
import { request } from 'undici';
import { startChild, type Child } from '../child.ts';

/** Containers listen on 80; a process without root may not, so a pod's page is at its address and this port. */
export const PAGE_PORT = 8080;

export interface PodPlace {
  readonly podIP: string;
  /** `host:port` that NMI listens on. */
  readonly nmiAddress: string;
}

const validator = join(import.meta.dirname, '../../../../apps/identity-validator/src/main.ts');
const network = join(import.meta.dirname, 'pod-network.ts');

const inPod = ({ podIP, nmiAddress }: PodPlace) => ({ POD_IP: podIP, NMI_ADDRESS: nmiAddress });

/** The demo application as the pod's one process; whatever image the pod names, this runs. */
export function startPodProcess(name: string, place: PodPlace, logFile: string, clock: Clock): Child {
  const args = ['--import', network, validator, `--listen-address=${place.podIP}`, `--port=${PAGE_PORT}`];
  return startChild({ name, args, env: inPod(place), logFile }, clock);
}

/** Whether the application in a pod serves, as a readiness probe would find out. */
export async function isServing(podIP: string): Promise<boolean> {
  try {
    const { body } = await request(`http://${podIP}:${PAGE_PORT}/healthz`);
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

/** Runs the demo's one-shot check inside a pod, like `kubectl exec`: a fresh process that has no token in memory. */
export async function checkInPod(place: PodPlace, timeout = '10s'): Promise<CheckResult> {
  const args = ['--import', network, validator, '--check', `--timeout=${timeout}`];
  const env = { ...inPod(place), PATH: process.env.PATH ?? '' };
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { ok: child.exitCode === 0, line: (out + err).trim().split('\n')[0] ?? '' };
}
