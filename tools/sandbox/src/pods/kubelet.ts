import { join } from 'node:path';
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
import { until } from '../until.ts';
import { isServing, startPodProcess } from './pod-process.ts';

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
  readonly logFolder: string;
  readonly store: Store<SandboxPod>;
}

interface RunningPod {
  readonly uid: string;
  readonly ip: string;
  readonly child: Child;
}

export const podStore = () => new Store<SandboxPod>({ key: ({ metadata }) => namespacedName(metadata) });

/** Scheduler and kubelet of the sandbox's one node: every pod is bound to it and runs there as a process. */
export function createKubelet(options: KubeletOptions) {
  const { client, clock, logger, store } = options;
  const running = new Map<string, RunningPod>();
  const queue = createKeyedQueue({
    clock,
    logger,
    concurrency: 4,
    backoff: backoff({ baseMs: 200, maxMs: 5_000 }),
    work: (key) =>
      syncPod(options, running, key, () => {
        queue.add(key);
      }),
  });
  const reflector = createReflector<SandboxPod>({
    client,
    resource: pods,
    slim: (raw) => raw as SandboxPod,
    store,
    clock,
    logger,
  });
  return {
    /** Runs until `signal` aborts, then ends every pod. */
    async run(signal: AbortSignal): Promise<void> {
      const unsubscribe = store.subscribe(({ key }) => {
        queue.add(key);
      });
      try {
        await runTasks({ pods: (stop) => reflector.run(stop), queue: (stop) => queue.run(stop) }, { signal, clock });
      } finally {
        unsubscribe();
        await Promise.all([...running.values()].map(({ child }) => child.stop()));
      }
    },
    whenSynced: (signal?: AbortSignal) => reflector.whenSynced(signal),
  };
}

/** Brings one pod from what is to what its object says. */
async function syncPod(
  options: KubeletOptions,
  running: Map<string, RunningPod>,
  key: string,
  again: () => void,
): Promise<Outcome> {
  const { client, nodeName } = options;
  const pod = options.store.get(key);
  const process = running.get(key);
  if (process !== undefined && (pod?.metadata.uid !== process.uid || isDeleting(pod))) {
    running.delete(key);
    await process.child.stop();
    options.addresses.give(process.ip);
  }
  if (pod === undefined) return { kind: 'done' };
  if (isDeleting(pod)) await confirmDeletion(client, pod);
  else if (pod.spec.nodeName === undefined) await bind(client, pod, nodeName);
  else if (pod.spec.nodeName === nodeName && !running.has(key)) await start(options, running, key, pod, again);
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

async function start(
  options: KubeletOptions,
  running: Map<string, RunningPod>,
  key: string,
  pod: SandboxPod,
  again: () => void,
): Promise<void> {
  const { clock, addresses, client, nmiAddress } = options;
  const { namespace, name } = refOf(pod);
  const ip = addresses.take();
  const log = join(options.logFolder, `${namespace}_${name}.log`);
  const child = startPodProcess(`pod ${key}`, { podIP: ip, nmiAddress }, log, clock);
  running.set(key, { uid: pod.metadata.uid ?? '', ip, child });
  void child.ended.then((how) => {
    if (running.get(key)?.child !== child) return;
    options.logger.warn('a pod process ended', { pod: key, how });
    running.delete(key);
    addresses.give(ip);
    again();
  });
  await until(clock, `answer of the application in pod ${key}`, async () => ((await isServing(ip)) ? true : undefined));
  const status = runningStatus(pod, ip, new Date(clock.now()).toISOString());
  await client.patch(pods, { namespace, name }, { status }, { type: 'merge', subresource: 'status' });
}

/** What a kubelet reports of a pod whose containers run and are ready. */
function runningStatus(pod: SandboxPod, podIP: string, now: string) {
  const ready = (type: string) => ({ type, status: 'True', lastTransitionTime: now, lastProbeTime: null });
  const containers = pod.spec.containers ?? [];
  return {
    phase: 'Running',
    podIP,
    podIPs: [{ ip: podIP }],
    hostIP: '127.0.0.1',
    startTime: now,
    conditions: ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'].map(ready),
    containerStatuses: containers.map(({ name, image = '' }) => ({
      ...{ name, image, imageID: image, ready: true, started: true, restartCount: 0 },
      state: { running: { startedAt: now } },
    })),
  };
}
