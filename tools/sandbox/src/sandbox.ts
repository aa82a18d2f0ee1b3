import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type KubeClient, type Store } from '@aad-pod-identity/kube';
import { formatDuration, type Clock } from '@aad-pod-identity/runtime';
import type { Logger } from '@aad-pod-identity/telemetry';
import { createRunCa } from '@aad-pod-identity/testing';
import { createAzureClient, type AzureClient } from './azure-client.ts';
import { readyLine, startChild, type Child, type Command } from './child.ts';
import { loadExample, type ExampleName } from './examples.ts';
import { freePort } from './free-port.ts';
import { applyObject, deleteObject } from './kube.ts';
import { podAddresses } from './pods/addresses.ts';
import { createKubelet, podStore, type SandboxPod } from './pods/kubelet.ts';
import { checkInPod, type CheckResult } from './pods/pod-process.ts';
import * as programs from './programs.ts';
import type { RunFolder } from './run-folder.ts';
import { supervise, type Supervised } from './supervisor.ts';
import { until } from './until.ts';
import { createWorld, type Assignment, type World } from './world.ts';

export interface SandboxOptions {
  readonly folder: RunFolder;
  readonly armDelayMs: number;
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
  readonly folder: RunFolder;
  readonly client: KubeClient;
  readonly azure: AzureClient;
  readonly programs: Readonly<Record<'mic' | 'nmi', Supervised>>;
  readonly pods: Store<SandboxPod>;
  readonly world: World;
  /** `kubectl --kubeconfig <path>`, to copy. */
  readonly kubectl: string;
  /** URLs of the programs' metrics. */
  readonly metrics: Readonly<Record<'mic' | 'nmi', string>>;
  /** How long what goes through Azure may take, in milliseconds. */
  readonly patienceMs: number;
  assignedTo(namespace: string, pod: string): readonly Assignment[];
  apply(...names: ExampleName[]): Promise<void>;
  delete(...names: ExampleName[]): Promise<void>;
  /** The demo's one-shot check inside a pod of the namespace `default`. */
  check(pod: string): Promise<CheckResult>;
  /** Ends every process; resolves when none is left. */
  stop(): Promise<void>;
}

interface Simulators {
  readonly kubernetes: Child;
  readonly azure: Child;
  readonly controlUrl: string;
  readonly imdsPort: number;
}

function writePrivate(path: string, content: string): string {
  writeFileSync(path, content, { mode: 0o600 });
  return path;
}

/** The CA of this run and what must stand on disk before any program starts. */
function writeFiles(folder: RunFolder) {
  const ca = createRunCa();
  const leaf = ca.issue({ commonName: 'kubernetes', altNames: ['127.0.0.1', 'localhost'] });
  writePrivate(folder.caCert, ca.certPem);
  writePrivate(folder.azureState, JSON.stringify(programs.azureState, null, 2));
  writePrivate(folder.cloudConfig, JSON.stringify(programs.cloudConfig, null, 2));
  return {
    caKey: writePrivate(join(folder.root, 'ca-key.pem'), ca.keyPem),
    tls: {
      cert: writePrivate(join(folder.root, 'kubernetes-cert.pem'), leaf.certPem),
      key: writePrivate(join(folder.root, 'kubernetes-key.pem'), leaf.keyPem),
    },
  };
}

async function startSimulators(options: SandboxOptions, track: (child: Child) => void): Promise<Simulators> {
  const { folder, clock } = options;
  const { caKey, tls } = writeFiles(folder);
  const start = (command: Command) => {
    const child = startChild(command, clock);
    track(child);
    return { child, ready: readyLine(child, command.logFile, clock, { signal: options.signal }) };
  };
  const token = randomBytes(16).toString('hex');
  const kubernetes = start(programs.kubernetesCommand(folder, tls, token));
  const azure = start(programs.azureCommand(folder, caKey, formatDuration(options.armDelayMs)));
  const [, ready] = await Promise.all([kubernetes.ready, azure.ready]);
  const { controlUrl, imds } = ready as { controlUrl: string; imds: Record<string, string> };
  const imdsPort = Number(new URL(Object.values(imds)[0] ?? '').port);
  return { kubernetes: kubernetes.child, azure: azure.child, controlUrl, imdsPort };
}

async function choosePorts(): Promise<programs.Ports> {
  const [nmi, nmiProbe, nmiMetrics, micProbe, micMetrics] = await Promise.all(Array.from({ length: 5 }, freePort));
  return { nmi, nmiProbe, nmiMetrics, micProbe, micMetrics } as programs.Ports;
}

/** Starts everything and resolves once MIC and NMI say that they are active; what was started is ended on failure. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const children: { stop(): Promise<void> }[] = [];
  const background = new AbortController();
  const tasks: Promise<unknown>[] = [];
  const stop = async () => {
    background.abort(new Error('the sandbox ends'));
    await Promise.allSettled(tasks);
    for (const child of children.toReversed()) await child.stop();
  };
  try {
    const simulators = await startSimulators(options, (child) => children.push(child));
    return await startPrograms(options, simulators, { children, tasks, signal: background.signal, stop });
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Lifecycle {
  readonly children: { stop(): Promise<void> }[];
  readonly tasks: Promise<unknown>[];
  readonly signal: AbortSignal;
  readonly stop: () => Promise<void>;
}

async function startPrograms(options: SandboxOptions, simulators: Simulators, life: Lifecycle): Promise<Sandbox> {
  const { folder, clock, logger, onChange } = options;
  const ports = await choosePorts();
  const client = await connect({
    ...{ kubeconfig: folder.kubeconfig, env: {}, clock, logger },
    ...{ userAgent: 'aad-pod-identity-sandbox', qps: 500, burst: 1000 },
  });
  await applyObject(client, programs.node);
  const nmi = supervise(programs.nmiCommand(folder, ports, simulators.imdsPort), clock, onChange);
  const mic = supervise(programs.micCommand(folder, ports), clock, onChange);
  life.children.push(nmi, mic);
  const { pods, world, whenSynced } = startWatching(options, client, ports, life);
  await whenSynced;
  await Promise.all([waitActive(mic, ports.micProbe, options), waitActive(nmi, ports.nmiProbe, options)]);
  return {
    ...{ clock, folder, client, pods, world, programs: { mic, nmi } },
    patienceMs: PATIENCE_MS + 3 * options.armDelayMs,
    azure: createAzureClient(simulators.controlUrl),
    kubectl: `kubectl --kubeconfig ${folder.kubeconfig}`,
    metrics: { mic: metricsUrl(ports.micMetrics), nmi: metricsUrl(ports.nmiMetrics) },
    ...operations(client, pods, world, nmiAddress(ports)),
    stop: async () => {
      await life.stop();
      await client.close();
    },
  };
}

/** Beyond what ARM itself takes: a pod that moves needs a removal and an assignment, maybe after one that is under way. */
const PATIENCE_MS = 15_000;

const nmiAddress = ({ nmi }: programs.Ports) => `127.0.0.1:${nmi}`;
const metricsUrl = (port: number) => `http://127.0.0.1:${port}/metrics`;

/** The kubelet and the live view of the cluster, both until `life` ends. */
function startWatching(options: SandboxOptions, client: KubeClient, ports: programs.Ports, life: Lifecycle) {
  const { clock, logger, folder, onChange } = options;
  const pods = podStore();
  const kubelet = createKubelet({
    ...{ client, clock, logger, nodeName: programs.NODE_NAME, nmiAddress: nmiAddress(ports) },
    ...{ addresses: podAddresses(process.pid), logFolder: folder.podLogs, store: pods },
  });
  const world = createWorld({ client, clock, logger });
  pods.subscribe(onChange);
  world.subscribe(onChange);
  life.tasks.push(kubelet.run(life.signal), world.run(life.signal));
  return { pods, world, whenSynced: Promise.all([kubelet.whenSynced(life.signal), world.whenSynced(life.signal)]) };
}

/** What the operator of the walk-through does. */
function operations(client: KubeClient, pods: Store<SandboxPod>, world: World, nmi: string) {
  const forEach = async (names: readonly ExampleName[], act: typeof applyObject) => {
    for (const object of names.flatMap(loadExample)) await act(client, object);
  };
  return {
    assignedTo: (namespace: string, pod: string) =>
      world.assignments().filter((each) => each.podNamespace === namespace && each.pod === pod),
    apply: (...names: ExampleName[]) => forEach(names, applyObject),
    delete: (...names: ExampleName[]) => forEach(names, deleteObject),
    check: (pod: string) => checkInPod({ podIP: pods.get(`default/${pod}`)?.status?.podIP ?? '', nmiAddress: nmi }),
  };
}

async function waitActive(program: Supervised, port: number, { clock, folder, signal }: SandboxOptions) {
  const what = `answer "Active" of ${program.name} (its log is ${folder.log(program.name)})`;
  await until(
    clock,
    what,
    async () => {
      if (program.restarts > 2) throw new Error(`${program.name} keeps ending; its log is ${folder.log(program.name)}`);
      const answer = await fetch(`http://127.0.0.1:${port}/healthz`).then((response) => response.text(), String);
      return answer.trim() === 'Active' ? true : undefined;
    },
    { signal },
  );
}
