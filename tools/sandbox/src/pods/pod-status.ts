/** What a kubelet knows of the process of a pod. */
export interface PodProcess {
  readonly ip: string;
  readonly running: boolean;
  readonly restarts: number;
  /** RFC 3339. */
  readonly since: string;
}

type Container = Readonly<{ name: string; image?: string }>;

function containerStatus({ name, image = '' }: Container, { running, restarts, since }: PodProcess) {
  const waiting = { reason: restarts === 0 ? 'ContainerCreating' : 'CrashLoopBackOff' };
  return {
    ...{ name, image, imageID: image, ready: running, started: running, restartCount: restarts },
    state: running ? { running: { startedAt: since } } : { waiting },
  };
}

/** What a kubelet reports of a pod whose containers run and are ready, or wait to be started again. */
export function podStatus(containers: readonly Container[], process: PodProcess) {
  const condition = (type: string, fulfilled: boolean) => ({
    ...{ type, status: fulfilled ? 'True' : 'False' },
    ...{ lastTransitionTime: process.since, lastProbeTime: null },
  });
  return {
    phase: 'Running',
    podIP: process.ip,
    podIPs: [{ ip: process.ip }],
    hostIP: '127.0.0.1',
    conditions: [
      ...['PodScheduled', 'Initialized'].map((type) => condition(type, true)),
      ...['ContainersReady', 'Ready'].map((type) => condition(type, process.running)),
    ],
    containerStatuses: containers.map((container) => containerStatus(container, process)),
  };
}
