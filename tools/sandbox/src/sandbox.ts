import { connect, type KubeClient, type Store } from '@aad-pod-identity/kube';
import { runTasks, type Clock } from '@aad-pod-identity/runtime';
import type { Logger } from '@aad-pod-identity/telemetry';
import { createAzureClient, type AzureClient } from './azure-client.ts';
import { lastWords } from './child.ts';
import { startCluster, type Cluster } from './cluster.ts';
import { kubeletTls } from './control-plane.ts';
import { loadExample, type ExampleName } from './examples.ts';
import { freePorts } from './free-port.ts';
import { applyObject, deleteObject } from './kube.ts';
import { createLifecycle, type Lifecycle } from './lifecycle.ts';
import { startPair, type Program } from './pair.ts';
import { startKubeletServer } from './pods/kubelet-server.ts';
import { podStore, type SandboxPod } from './pods/pod.ts';
import { createNode, keepNodeAlive } from './pods/node.ts';
import { checkInPod, type CheckResult } from './pods/pod-process.ts';
import * as programs from './programs.ts';
import type { RunFolder } from './run-folder.ts';
import { startSimulators, type Simulators } from './simulators.ts';
import type { Supervised } from './supervisor.ts';
import { until } from './until.ts';
import type { Assignment, World } from './world.ts';

export interface SandboxOptions {
  readonly folder: RunFolder;
  readonly armDelayMs: number;
  /** Whether the Kubernetes API is a real one, see `bringControlPlane`. */
  readonly real: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Aborts when the sandbox is to end. */
  readonly signal: AbortSignal;
  /** Told of every change that a person might want to see. */
  readonly onChange: () => void;
}

/** The running sandbox, as the story, the page and the tests use it. */
export interface Sandbox {
  readonly clock: Clock;
  /** Aborts when the sandbox is to end; whatever waits for something in it ends then. */
  readonly signal: AbortSignal;
  /** Resolves when it is told to end; rejects when something fails that it cannot do without. */
  readonly whenEnded: Promise<void>;
  readonly folder: RunFolder;
  /** As the operator has it. */
  readonly client: KubeClient;
  readonly azure: AzureClient;
  readonly programs: Readonly<Record<Program, Supervised>>;
  /** All pods of the cluster, those of MIC and NMI among them. */
  readonly pods: Store<SandboxPod>;
  readonly world: World;
  /** `kubectl --kubeconfig <path>`, to copy. */
  readonly kubectl: string;
  /** URLs of the programs' metrics. */
  readonly metrics: Readonly<Record<Program, string>>;
  /** How long what goes through Azure may take, in milliseconds. */
  readonly patienceMs: number;
  /** Name of the pod that stands for a program. */
  podOf(program: Program): string;
  /** Whether a pod, by `namespace/name`, stands for MIC or NMI. */
  isProgram(key: string): boolean;
  /** Where the application of a pod, by `namespace/name`, serves its page; empty when it does not run. */
  pageOf(key: string): string;
  assignedTo(namespace: string, pod: string): readonly Assignment[];
  apply(...names: ExampleName[]): Promise<void>;
  delete(...names: ExampleName[]): Promise<void>;
  /** The demo's one-shot check inside a pod of the namespace `default`. */
  check(pod: string): Promise<CheckResult>;
  /** Asks again and again until there is an answer; `what` ends the sentence `there was no ...` of its error. */
  until<T>(what: string, read: () => Promise<T | undefined> | T | undefined, timeoutMs?: number): Promise<T>;
  /** Ends every process; resolves when none is left. */
  stop(): Promise<void>;
}

/** Beyond what ARM itself takes: a pod that moves needs a removal and an assignment, maybe after one that is under way. */
const PATIENCE_MS = 15_000;

/** Starts everything and resolves once MIC and NMI say that they are active; what was started is ended on failure. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const life = createLifecycle(options.signal);
  try {
    const simulators = await startSimulators(options, life);
    return await startPrograms(options, simulators, life);
  } catch (error) {
    await life.stop();
    throw error;
  }
}

/** Names that the API server keeps beside what they wrote: as on a real node, and as of what `kubectl apply` wrote. */
const [KUBELET, KUBECTL] = ['kubelet', 'kubectl-client-side-apply'];

const connectAs = (userAgent: string, { folder, clock, logger }: SandboxOptions) =>
  connect({ kubeconfig: folder.kubeconfig, env: {}, clock, logger, userAgent, qps: 500, burst: 1000 });

async function choosePorts(): Promise<programs.Ports> {
  const [nmi = 0, nmiProbe = 0, nmiMetrics = 0, micProbe = 0, micMetrics = 0] = await freePorts(5);
  return { nmi, nmiProbe, nmiMetrics, micProbe, micMetrics };
}

async function startPrograms(options: SandboxOptions, simulators: Simulators, life: Lifecycle): Promise<Sandbox> {
  const { folder, clock, logger, onChange } = options;
  const ports = await choosePorts();
  const [client, operator] = await Promise.all([connectAs(KUBELET, options), connectAs(KUBECTL, options)]);
  const pods = podStore();
  const kubeletPort = options.real ? await startKubelet(options, pods, life) : undefined;
  const node = { client, clock, logger, kubeletPort, name: programs.NODE_NAME, providerID: programs.PROVIDER_ID };
  await createNode(node);
  life.tasks.push(runTasks({ node: (stop) => keepNodeAlive(node, stop) }, { signal: life.signal, clock }));
  const commands = {
    nmi: programs.nmiCommand(folder, ports, simulators.imdsPort),
    mic: programs.micCommand(folder, ports),
  };
  const pair = startPair(commands, clock);
  pair.subscribe(onChange);
  life.programs.push(...Object.values(pair.programs));
  const cluster = startCluster(
    { client, clock, logger, folder, onChange, pair, pods, nmiAddress: nmiAddress(ports) },
    life,
  );
  await Promise.all([
    cluster.whenSynced,
    waitActive(pair.programs.mic, 'mic', ports.micProbe, options, life.signal),
    waitActive(pair.programs.nmi, 'nmi', ports.nmiProbe, options, life.signal),
  ]);
  return {
    ...{ clock, folder, client: operator, signal: life.signal, whenEnded: life.whenEnded, programs: pair.programs },
    ...{ pods: cluster.pods, world: cluster.world },
    ...{ podOf: cluster.programPods.nameOf, isProgram: cluster.programPods.owns, pageOf: cluster.kubelet.pageOf },
    patienceMs: PATIENCE_MS + 3 * options.armDelayMs,
    azure: createAzureClient(simulators.controlUrl),
    kubectl: `kubectl --kubeconfig ${folder.kubeconfig}`,
    metrics: { mic: metricsUrl(ports.micMetrics), nmi: metricsUrl(ports.nmiMetrics) },
    ...operations(operator, cluster, nmiAddress(ports), life.signal, clock),
    stop: async () => {
      await life.stop();
      await Promise.all([client.close(), operator.close()]);
    },
  };
}

/** @returns its port; it ends with the simulators */
async function startKubelet({ clock, folder }: SandboxOptions, pods: Store<SandboxPod>, life: Lifecycle) {
  const { server, port } = await startKubeletServer({ clock, pods, podLog: folder.podLog, tls: kubeletTls(folder) });
  life.simulators.push({
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
  return port;
}

const nmiAddress = ({ nmi }: programs.Ports) => `127.0.0.1:${nmi}`;
const metricsUrl = (port: number) => `http://127.0.0.1:${port}/metrics`;

/** What the operator of the walk-through does; all of it ends with `signal`. */
function operations(client: KubeClient, { pods, world }: Cluster, nmi: string, signal: AbortSignal, clock: Clock) {
  const forEach = async (names: readonly ExampleName[], act: typeof applyObject) => {
    for (const object of names.flatMap(loadExample)) await act(client, object, { signal });
  };
  const waitFor: Sandbox['until'] = (what, read, timeoutMs) =>
    until(clock, what, read, { signal, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
  return {
    assignedTo: (namespace: string, pod: string) =>
      world.assignments().filter((each) => each.podNamespace === namespace && each.pod === pod),
    apply: (...names: ExampleName[]) => forEach(names, applyObject),
    delete: (...names: ExampleName[]) => forEach(names, deleteObject(waitFor)),
    check: async (pod: string) => {
      const podIP = pods.get(`default/${pod}`)?.status?.podIP;
      if (podIP === undefined) throw new Error(`there is no running pod ${pod}; apply it first`);
      return await checkInPod({ podIP, nmiAddress: nmi }, signal);
    },
    until: waitFor,
  };
}

async function waitActive(
  program: Supervised,
  name: Program,
  port: number,
  { clock, folder }: SandboxOptions,
  signal: AbortSignal,
): Promise<void> {
  const log = folder.log(name);
  const read = async () => {
    if (program.restarts > 2) throw new Error(`${name} keeps ending; ${lastWords(log)}`);
    const answer = await fetch(`http://127.0.0.1:${port}/healthz`, { signal }).then((got) => got.text(), String);
    return answer.trim() === 'Active' ? true : undefined;
  };
  await until(clock, `answer "Active" of ${name} (its log is ${log})`, read, { signal });
}
