import type { KubeClient, Store } from '@aad-pod-identity/kube';
import type { Clock } from '@aad-pod-identity/runtime';
import type { Logger } from '@aad-pod-identity/telemetry';
import type { Lifecycle } from './lifecycle.ts';
import type { Pair } from './pair.ts';
import { podAddresses } from './pods/addresses.ts';
import { createKubelet } from './pods/kubelet.ts';
import type { SandboxPod } from './pods/pod.ts';
import { createProgramPods } from './pods/program-pods.ts';
import { NODE_NAME } from './programs.ts';
import type { RunFolder } from './run-folder.ts';
import { createWorld, type World } from './world.ts';

export interface ClusterOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly folder: RunFolder;
  readonly onChange: () => void;
  readonly pair: Pair;
  readonly nmiAddress: string;
  readonly pods: Store<SandboxPod>;
}

/** What a cluster does of its own, and the live view of it. */
export interface Cluster {
  readonly pods: Store<SandboxPod>;
  readonly world: World;
  readonly kubelet: ReturnType<typeof createKubelet>;
  readonly programPods: ReturnType<typeof createProgramPods>;
  readonly whenSynced: Promise<unknown>;
}

/** Starts kubelet, program pods and view; all of it runs until `life` ends. */
export function startCluster(options: ClusterOptions, { signal, tasks }: Lifecycle): Cluster {
  const { client, clock, logger, folder, onChange, pair, nmiAddress, pods } = options;
  const common = { client, clock, logger, nodeName: NODE_NAME };
  const programPods = createProgramPods({ ...common, folder, store: pods, pair });
  const kubelet = createKubelet({
    ...{ ...common, nmiAddress, podLog: folder.podLog, store: pods },
    ...{ addresses: podAddresses(process.pid), isForeign: programPods.owns },
  });
  const world = createWorld({ client, clock, logger });
  pods.subscribe(onChange);
  world.subscribe(onChange);
  tasks.push(kubelet.run(signal), world.run(signal), programPods.run(signal));
  return {
    ...{ pods, world, kubelet, programPods },
    whenSynced: Promise.all([kubelet.whenSynced(signal), world.whenSynced(signal)]),
  };
}
