import { existsSync, renameSync } from 'node:fs';
import { pods, type KubeClient } from '@aad-pod-identity/kube';
import type { Clock } from '@aad-pod-identity/runtime';
import type { Logger } from '@aad-pod-identity/telemetry';
import type { Child } from '../child.ts';
import { portAt } from '../free-port.ts';
import { until } from '../until.ts';
import type { PodAddresses } from './addresses.ts';
import { isServing, startPodProcess } from './pod-process.ts';
import { podStatus } from './pod-status.ts';
import { refOf, type SandboxPod } from './pod.ts';

export interface PodRunnerOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly logger: Logger;
  /** `host:port` of NMI. */
  readonly nmiAddress: string;
  readonly addresses: PodAddresses;
  /** Path of a pod's log. */
  readonly podLog: (namespace: string, name: string) => string;
}

export interface RunningPod {
  readonly uid: string;
  readonly ip: string;
  readonly child: Child;
  /** URL of its page. */
  readonly page: string;
}

/** Runs pods as processes of this machine. */
export interface PodRunner {
  readonly options: PodRunnerOptions;
  readonly running: Map<string, RunningPod>;
  /** Ends that are under way. */
  readonly ending: Map<string, Promise<void>>;
  /** Whose log it is that stands under a pod's name. */
  readonly lastUid: Map<string, string>;
  readonly again: (key: string) => void;
}

/** Where a pod's page is: containers listen on 80, which a process without root may not, and 8080 may be taken. */
const PAGE_PORT = 8080;

/** The log of another pod of the same name is not this one's. */
function setAside(log: string): void {
  if (existsSync(log)) renameSync(log, `${log}.1`);
}

async function startProcess(
  { options, running, lastUid }: PodRunner,
  key: string,
  pod: SandboxPod,
): Promise<RunningPod> {
  const { clock, addresses, nmiAddress } = options;
  const { namespace, name } = refOf(pod);
  const uid = pod.metadata.uid ?? '';
  const log = options.podLog(namespace, name);
  if (lastUid.get(key) !== uid) setAside(log);
  lastUid.set(key, uid);
  const ip = addresses.take();
  const port = await portAt(ip, PAGE_PORT);
  const child = startPodProcess(`pod ${key}`, { podIP: ip, nmiAddress, port }, log, clock);
  const started = { uid, ip, child, page: `http://${ip}:${port}/` };
  running.set(key, started);
  return started;
}

/** Waits until the application answers; one that ends before is tried again by the queue, later and later. */
async function whenServing({ options }: PodRunner, key: string, { child, page }: RunningPod, signal: AbortSignal) {
  let how = '';
  void child.ended.then((sentence) => (how = sentence));
  const read = async () => {
    if (how !== '') throw new Error(`the application in pod ${key} ${how}`);
    return (await isServing(page)) ? true : undefined;
  };
  await until(options.clock, `answer of the application in pod ${key}`, read, { signal });
}

/** Starts a pod as a process, on an address of its own, and reports it once its application answers. */
export async function start(runner: PodRunner, key: string, pod: SandboxPod, signal: AbortSignal): Promise<void> {
  const { clock, client } = runner.options;
  const process = await startProcess(runner, key, pod);
  try {
    await whenServing(runner, key, process, signal);
    const since = new Date(clock.now()).toISOString();
    const status = podStatus(pod.spec.containers ?? [], { ip: process.ip, running: true, restarts: 0, since });
    const patch = { status: { ...status, startTime: since } };
    await client.patch(pods, refOf(pod), patch, { type: 'merge', subresource: 'status' }, { signal });
  } catch (error) {
    await end(runner, key);
    throw error;
  }
  void process.child.ended.then(async (how) => {
    if (runner.running.get(key) !== process) return;
    runner.options.logger.warn('a pod process ended', { pod: key, how });
    await end(runner, key);
    runner.again(key);
  });
}

/** Ends a pod's process and gives its address back; whoever asks for it as well waits for the same end. */
export async function end({ options, running, ending }: PodRunner, key: string): Promise<void> {
  const process = running.get(key);
  if (process === undefined) return await ending.get(key);
  running.delete(key);
  const ended = process.child.stop().then(() => {
    options.addresses.give(process.ip);
  });
  ending.set(key, ended);
  await ended;
  if (ending.get(key) === ended) ending.delete(key);
}
