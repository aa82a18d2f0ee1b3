import {
  createKeyedQueue,
  createReflector,
  isKubeError,
  pods,
  type KubeClient,
  type Store,
} from '@aad-pod-identity/kube';
import { backoff, runTasks, type Outcome } from '@aad-pod-identity/runtime';
import { end, start, type PodRunner, type PodRunnerOptions } from './pod-runner.ts';
import { refOf, type SandboxPod } from './pod.ts';

export interface KubeletOptions extends PodRunnerOptions {
  readonly nodeName: string;
  readonly store: Store<SandboxPod>;
  /** Whether a pod is run by somebody else. */
  readonly isForeign: (key: string) => boolean;
}

/** Scheduler and kubelet of the sandbox's one node: every pod is bound to it and runs there as a process. */
export function createKubelet(options: KubeletOptions) {
  const { client, clock, logger, store } = options;
  const again = (key: string) => {
    queue.add(key);
  };
  const runner: PodRunner = { options, running: new Map(), ending: new Map(), lastUid: new Map(), again };
  const queue = createKeyedQueue({
    ...{ clock, logger, concurrency: 4, backoff: backoff({ baseMs: 200, maxMs: 5_000 }) },
    work: (key, signal) => syncPod(options, runner, key, signal),
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
        await Promise.all([...runner.running.keys(), ...runner.ending.keys()].map((key) => end(runner, key)));
      }
    },
    whenSynced: (signal?: AbortSignal) => reflector.whenSynced(signal),
    /** Where the application of a pod serves its page; empty when it does not run. */
    pageOf: (key: string) => runner.running.get(key)?.page ?? '',
  };
}

/** Brings one pod from what is to what its object says. */
async function syncPod(
  { client, nodeName, store }: KubeletOptions,
  runner: PodRunner,
  key: string,
  signal: AbortSignal,
): Promise<Outcome> {
  const pod = store.get(key);
  const process = runner.running.get(key);
  if (process !== undefined && (pod?.metadata.uid !== process.uid || isDeleting(pod))) await end(runner, key);
  if (pod === undefined) return { kind: 'done' };
  if (isDeleting(pod)) await confirmDeletion(client, pod);
  else if (pod.spec.nodeName === undefined) await bind(client, pod, nodeName);
  else if (pod.spec.nodeName === nodeName && !runner.running.has(key)) await start(runner, key, pod, signal);
  return { kind: 'done' };
}

const isDeleting = (pod: SandboxPod) => pod.metadata.deletionTimestamp !== undefined;

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
