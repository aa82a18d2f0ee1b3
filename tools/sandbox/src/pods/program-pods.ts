import { randomInt } from 'node:crypto';
import { symlinkSync } from 'node:fs';
import { createKeyedQueue, isKubeError, pods, type KubeClient, type Store } from '@aad-pod-identity/kube';
import { backoff, type Clock, type Outcome } from '@aad-pod-identity/runtime';
import type { Logger } from '@aad-pod-identity/telemetry';
import type { Pair, Program } from '../pair.ts';
import type { RunFolder } from '../run-folder.ts';
import type { SandboxPod } from './pod.ts';
import { podStatus } from './pod-status.ts';

/** Where the installation of the walk-through puts its pods. */
const NAMESPACE = 'default';

/** Labels and names as those of that installation: a Deployment's pod and a DaemonSet's. */
const FORMS: Readonly<Record<Program, { labels: Record<string, string>; suffix: () => string }>> = {
  mic: { labels: { app: 'mic', component: 'mic' }, suffix: () => `${random(10)}-${random(5)}` },
  nmi: { labels: { component: 'nmi', tier: 'node' }, suffix: () => random(5) },
};

/** The alphabet of generated names in Kubernetes, which spells no words. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const random = (length: number) => Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');

export interface ProgramPodsOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly nodeName: string;
  readonly folder: RunFolder;
  readonly store: Store<SandboxPod>;
  readonly pair: Pair;
}

/** The pod that now stands for a program. */
interface Shown {
  readonly name: string;
  /** How often the program had been started again before this pod was there. */
  readonly restartsBefore: number;
  created: boolean;
  /** Whether the store has shown it; from then on its absence means that it was deleted. */
  seen: boolean;
  reported: string;
}

interface ProgramPods {
  readonly options: ProgramPodsOptions;
  readonly shown: Map<Program, Shown>;
  /** Keys of all pods that ever stood for a program. */
  readonly keys: Map<string, Program>;
}

/**
 * MIC and NMI as pods, so that `kubectl get pods` and `kubectl logs` show them as on a real cluster. The processes are the
 * supervisor's; a pod that is deleted ends its process, and the next one gets a pod of its own.
 */
export function createProgramPods(options: ProgramPodsOptions) {
  const { clock, logger, store, pair } = options;
  const all: ProgramPods = { options, shown: new Map(), keys: new Map() };
  for (const program of ['mic', 'nmi'] as const) expectPod(all, program, 0);
  const queue = createKeyedQueue({
    ...{ clock, logger, concurrency: 2, backoff: backoff({ baseMs: 200, maxMs: 5_000 }) },
    work: (program, signal) => sync(all, program as Program, signal),
  });
  const changed = (program: Program) => {
    queue.add(program);
  };
  return {
    /** Whether a pod stands for a program, and is none that the kubelet runs. */
    owns: (key: string) => all.keys.has(key),
    nameOf: (program: Program) => all.shown.get(program)?.name ?? '',
    async run(signal: AbortSignal): Promise<void> {
      const ends = [
        pair.subscribe(changed),
        store.subscribe(({ key }) => {
          const program = all.keys.get(key);
          if (program !== undefined) changed(program);
        }),
      ];
      for (const program of all.shown.keys()) changed(program);
      await queue.run(signal).finally(() => {
        for (const end of ends) end();
      });
    },
  };
}

const keyOf = (name: string) => `${NAMESPACE}/${name}`;

function expectPod({ options, shown, keys }: ProgramPods, program: Program, restartsBefore: number): void {
  const name = `${program}-${FORMS[program].suffix()}`;
  // the program writes one log however many pods stand for it
  symlinkSync(options.folder.log(program), options.folder.podLog(NAMESPACE, name));
  keys.set(keyOf(name), program);
  shown.set(program, { name, restartsBefore, created: false, seen: false, reported: '' });
}

/** Brings the pod in line with its program, and the program with its pod. */
async function sync(all: ProgramPods, program: Program, signal: AbortSignal): Promise<Outcome> {
  const { store, pair } = all.options;
  const { [program]: process } = pair.programs;
  const pod = all.shown.get(program);
  if (pod === undefined) return { kind: 'done' };
  const isThere = store.get(keyOf(pod.name)) !== undefined;
  if (pod.seen && !isThere) {
    expectPod(all, program, process.restarts + 1);
    await process.restart();
    return await sync(all, program, signal);
  }
  pod.seen = isThere;
  await create(all.options, program, pod, signal);
  await report(all.options, program, pod, signal);
  return { kind: 'done' };
}

const containersOf = (program: Program) => [{ name: program, image: `aad-pod-identity/${program}` }];

async function create(options: ProgramPodsOptions, program: Program, pod: Shown, signal: AbortSignal): Promise<void> {
  if (pod.created) return;
  const [container] = containersOf(program);
  const object = {
    ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: pod.name, labels: FORMS[program].labels } },
    spec: {
      ...{ hostNetwork: true, nodeName: options.nodeName },
      containers: [{ ...container, args: options.pair.commands[program].args.slice(1) }],
    },
  };
  try {
    await options.client.create(pods, { namespace: NAMESPACE }, object, { signal });
  } catch (error) {
    // an answer that was lost: the names are no one else's
    if (!isKubeError(error, 'alreadyExists')) throw error;
  }
  pod.created = true;
}

async function report(options: ProgramPodsOptions, program: Program, pod: Shown, signal: AbortSignal): Promise<void> {
  const { running, restarts } = options.pair.programs[program];
  const facts = { ip: '127.0.0.1', running, restarts: Math.max(0, restarts - pod.restartsBefore) };
  if (JSON.stringify(facts) === pod.reported) return;
  const since = new Date(options.clock.now()).toISOString();
  const status = podStatus(containersOf(program), { ...facts, since });
  const ref = { namespace: NAMESPACE, name: pod.name };
  try {
    await options.client.patch(pods, ref, { status }, { type: 'merge', subresource: 'status' }, { signal });
    pod.reported = JSON.stringify(facts);
  } catch (error) {
    if (!isKubeError(error, 'notFound')) throw error;
  }
}
