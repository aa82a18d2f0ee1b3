import { existsSync, renameSync } from 'node:fs';
import {
  createKeyedQueue,
  createReflector,
  isKubeError,
  namespacedName,
  pods,
  Store,
  type KubeClient,
  type ObjectMeta,
} from '@aad-pod-identity/kube';
import { backoff, runTasks, type Clock, type Outcome } from '@aad-pod-identity/runtime';
import type { Logger } from '@aad-pod-identity/telemetry';
import type { Child } from '../child.ts';
import type { PodAddresses } from './addresses.ts';
import { portAt } from '../free-port.ts';
import { until } from '../until.ts';
import { isServing, startPodProcess } from './pod-process.ts';
import { podStatus } from './pod-status.ts';

export interface SandboxPod {
  readonly metadata: ObjectMeta;
  readonly spec: { readonly nodeName?: string; readonly containers?: readonly { name: string; image?: string }[] };
  readonly status?: { readonly phase?: string; readonly podIP?: string };
}

export interface KubeletOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly nodeName: string;
  /** `host:port` of NMI. */
  readonly nmiAddress: string;
  readonly addresses: PodAddresses;
  /** Path of a pod's log. */
  readonly podLog: (namespace: string, name: string) => string;
  readonly store: Store<SandboxPod>;
  /** Whether a pod is run by somebody else. */
  readonly isForeign: (key: string) => boolean;
}

interface RunningPod {
  readonly uid: string;
  readonly ip: string;
  readonly child: Child;
  /** URL of its page. */
  readonly page: string;
}

interface Kubelet {
  readonly options: KubeletOptions;
  readonly running: Map<string, RunningPod>;
  /** Whose log it is that stands under a pod's name. */
  readonly lastUid: Map<string, string>;
  readonly again: (key: string) => void;
}

export const podStore = () => new Store<SandboxPod>({ key: ({ metadata }) => namespacedName(metadata) });

/** Scheduler and kubelet of the sandbox's one node: every pod is bound to it and runs there as a process. */
export function createKubelet(options: KubeletOptions) {
  const { client, clock, logger, store } = options;
  const again = (key: string) => {
    queue.add(key);
  };
  const kubelet: Kubelet = { options, running: new Map(), lastUid: new Map(), again };
  const queue = createKeyedQueue({
    ...{ clock, logger, concurrency: 4, backoff: backoff({ baseMs: 200, maxMs: 5_000 }) },
    work: (key, signal) => syncPod(kubelet, key, signal),
  });
  const slim = (raw: unknown) => raw as SandboxPod;
  const reflector = createReflector<SandboxPod>({ client, resource: pods, slim, store, clock, logger });
  return {
    /** Runs until `signal` aborts, then ends every pod. */
    async run(signal: AbortSignal): Promise<void> {
      const unsubscribe = store.subscribe(({ key }) => {
        if (!options.isForeign(key)) queue.add(key);
      });
      try {
        await runTasks({ pods: (stop) => reflector.run(stop), queue: (stop) => queue.run(stop) }, { signal, clock });
      } finally {
        unsubscribe();
        await Promise.all([...kubelet.running.keys()].map((key) => end(kubelet, key)));
      }
    },
    whenSynced: (signal?: AbortSignal) => reflector.whenSynced(signal),
    /** Where the application of a pod serves its page; empty when it does not run. */
    pageOf: (key: string) => kubelet.running.get(key)?.page ?? '',
  };
}

/** Brings one pod from what is to what its object says. */
async function syncPod(kubelet: Kubelet, key: string, signal: AbortSignal): Promise<Outcome> {
  const { client, nodeName, store } = kubelet.options;
  const pod = store.get(key);
  const process = kubelet.running.get(key);
  if (process !== undefined && (pod?.metadata.uid !== process.uid || isDeleting(pod))) await end(kubelet, key);
  if (pod === undefined) return { kind: 'done' };
  if (isDeleting(pod)) await confirmDeletion(client, pod);
  else if (pod.spec.nodeName === undefined) await bind(client, pod, nodeName);
  else if (pod.spec.nodeName === nodeName && !kubelet.running.has(key)) await start(kubelet, key, pod, signal);
  return { kind: 'done' };
}

const isDeleting = (pod: SandboxPod) => pod.metadata.deletionTimestamp !== undefined;

const refOf = ({ metadata }: SandboxPod) => ({ namespace: metadata.namespace ?? '', name: metadata.name ?? '' });

async function confirmDeletion(client: KubeClient, pod: SandboxPod): Promise<void> {
  const preconditions = { uid: pod.metadata.uid };
  try {
    await client.delete(pods, refOf(pod), { gracePeriodSeconds: 0, preconditions });
  } catch (error) {
    if (!isKubeError(error, 'notFound', 'conflict')) throw error;
  }
}

async function bind(client: KubeClient, pod: SandboxPod, nodeName: string): Promise<void> {
  const { namespace, name } = refOf(pod);
  const binding = {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name, namespace },
    target: { apiVersion: 'v1', kind: 'Node', name: nodeName },
  };
  try {
    await client.create({ ...pods, plural: `pods/${name}/binding` }, { namespace }, binding);
  } catch (error) {
    if (!isKubeError(error, 'notFound', 'conflict')) throw error;
  }
}

/** Where a pod's page is: containers listen on 80, which a process without root may not, and 8080 may be taken. */
const PAGE_PORT = 8080;

/** The log of another pod of the same name is not this one's. */
function setAside(log: string): void {
  if (existsSync(log)) renameSync(log, `${log}.1`);
}

async function startProcess({ options, running, lastUid }: Kubelet, key: string, pod: SandboxPod): Promise<RunningPod> {
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
async function whenServing({ options }: Kubelet, key: string, { child, page }: RunningPod, signal: AbortSignal) {
  let how = '';
  void child.ended.then((sentence) => (how = sentence));
  const read = async () => {
    if (how !== '') throw new Error(`the application in pod ${key} ${how}`);
    return (await isServing(page)) ? true : undefined;
  };
  await until(options.clock, `answer of the application in pod ${key}`, read, { signal });
}

async function start(kubelet: Kubelet, key: string, pod: SandboxPod, signal: AbortSignal): Promise<void> {
  const { clock, client } = kubelet.options;
  const process = await startProcess(kubelet, key, pod);
  try {
    await whenServing(kubelet, key, process, signal);
    const since = new Date(clock.now()).toISOString();
    const status = podStatus(pod.spec.containers ?? [], { ip: process.ip, running: true, restarts: 0, since });
    const patch = { status: { ...status, startTime: since } };
    await client.patch(pods, refOf(pod), patch, { type: 'merge', subresource: 'status' }, { signal });
  } catch (error) {
    await end(kubelet, key);
    throw error;
  }
  void process.child.ended.then(async (how) => {
    if (kubelet.running.get(key) !== process) return;
    kubelet.options.logger.warn('a pod process ended', { pod: key, how });
    await end(kubelet, key);
    kubelet.again(key);
  });
}

/** Ends a pod's process and gives its address back. */
async function end({ options, running }: Kubelet, key: string): Promise<void> {
  const process = running.get(key);
  if (process === undefined) return;
  running.delete(key);
  await process.child.stop();
  options.addresses.give(process.ip);
}
