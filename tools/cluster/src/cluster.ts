import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock, type Clock } from '@aad-pod-identity/runtime';
import { connectionsLog, controlSocket } from './components/azure.ts';
import { componentsOf } from './components/index.ts';
import { apiServerUrl, type ClusterPlan } from './plan/cluster-plan.ts';
import { DEFAULT_NAME, layout as layoutOf, type Layout } from './plan/layout.ts';
import { fullOptions, type ClusterOptions } from './plan/options.ts';
import { inAzure } from './run/azure.ts';
import { endProcesses, removeCluster } from './run/down.ts';
import { execute, must, type Execution } from './run/execute.ts';
import { httpAsk } from './run/http-ask.ts';
import { withLock } from './run/lock.ts';
import { endNode, inNode } from './run/node.ts';
import { programPid, readRecord, runningRecord, signalProcess, waitForEnd } from './run/records.ts';
import { claimFolder, dropEmptyFolder } from './run/store.ts';
import { up, type UpContext } from './run/up.ts';

export interface StartOptions extends ClusterOptions {
  /** Clusters of different names live side by side. */
  readonly name?: string;
  /** Where everything of it is kept; default: a folder of that name in the temp folder. */
  readonly folder?: string;
  /** Begin anew although one of that name runs. */
  readonly fresh?: boolean;
  readonly env?: NodeJS.ProcessEnv;
  readonly clock?: Clock;
  /** Takes a line now and then. */
  readonly print?: (line: string) => void;
  /** Gives up the start; what it has started is ended. */
  readonly signal?: AbortSignal;
}

export interface ClusterProcess {
  readonly name: string;
  /** Undefined while it does not run. */
  readonly pid: number | undefined;
}

/** A real cluster that runs on this machine, and goes on after this program has ended. */
export interface Cluster {
  readonly name: string;
  readonly folder: string;
  /** File of the administrator's kubeconfig. */
  readonly kubeconfig: string;
  readonly apiServer: string;
  /** The kubectl of its version. */
  readonly kubectlPath: string;
  /** What the API server's audit policy asked for, a JSON object a line. */
  readonly auditLog: string;
  readonly log: (component: string) => string;
  readonly processes: () => ClusterProcess[];
  /** Runs kubectl as the administrator. @throws an Error with what it said if it fails */
  readonly kubectl: (...args: string[]) => Promise<string>;
  /** The command that runs `command` in the node's namespaces, where there is a node. */
  readonly enter: (command: readonly string[]) => readonly string[];
  readonly exec: (command: readonly string[], input?: string) => Promise<Execution>;
  /** Puts an image (a `docker save` archive) on the node. */
  readonly importImage: (archive: Buffer) => Promise<void>;
  /** The simulated Azure around the node, where it was asked for. */
  readonly azure: ClusterAzure;
  /** Ends one component, at once unless another signal is given, and waits for its end; nothing starts it again but `heal`. */
  readonly kill: (component: string, signal?: NodeJS.Signals) => Promise<void>;
  /** Starts whatever does not run, and waits until all is ready. */
  readonly heal: () => Promise<void>;
  /** Ends every process of the node at once, pods and control plane as well; what is on its disk stays. `heal` boots it. */
  readonly powerOff: () => Promise<void>;
  /** Ends everything. With `keep` its folder stays, and a later start goes on from there. */
  readonly stop: (options?: { readonly keep?: boolean }) => Promise<void>;
}

/**
 * Starts a cluster, or finishes or repairs the one of that name; a healthy one is returned as it is.
 * @throws UsageError for what the machine lacks, an Error that names the component and its log for what does not start
 */
export async function startCluster(start: StartOptions): Promise<Cluster> {
  const context = contextOf(start);
  claimFolder(context.layout);
  try {
    const plan = await withLock(context.layout.lock, () => up(context));
    return clusterOf(plan, { ...context, fresh: false });
  } finally {
    dropEmptyFolder(context.layout);
  }
}

function contextOf(start: StartOptions): UpContext {
  const { name = DEFAULT_NAME, folder, fresh = false, env = process.env, clock = systemClock, ...rest } = start;
  const { print = () => undefined, signal = new AbortController().signal, ...options } = rest;
  const layout = layoutOf({ name, ...(folder === undefined ? {} : { folder }) });
  return { layout, name, options: fullOptions(options), fresh, env, clock, print, signal };
}

/** Ends the cluster of that name or folder and removes all that it has written; nothing if there is none. */
export async function removeClusterNamed(
  where: { readonly name?: string; readonly folder?: string },
  clock: Clock = systemClock,
): Promise<void> {
  const layout = layoutOf(where);
  claimFolder(layout);
  await withLock(layout.lock, () => removeCluster(layout, clock));
  dropEmptyFolder(layout);
}

export interface ClusterAzure {
  /** The certificate of the authority that every pod trusts. */
  readonly caFile: string;
  /** What its services hold and which requests they have received, as the control API tells it. */
  readonly state: () => Promise<unknown>;
  /** One of the control API's actions, such as `{ action: 'throttle', scope: 'imds' }`. @throws if it is refused */
  readonly control: (action: Readonly<Record<string, unknown>>) => Promise<void>;
  /** Who connected to which service, oldest first: `from` is the pod's own address. */
  readonly connections: () => AzureConnection[];
  /** Runs a program in Azure's network namespace. */
  readonly exec: (command: readonly string[]) => Promise<Execution>;
}

function azureOf({ layout }: ClusterPlan): ClusterAzure {
  const socket = controlSocket(layout);
  const ask = async (path: string, body?: string): Promise<string> => {
    const answer = await httpAsk(`http://localhost${path}`, { socket, ...(body === undefined ? {} : { body }) });
    if (answer.status === 200) return answer.body;
    throw new Error(`the simulated Azure refused ${path} ${body ?? ''}: ${answer.body}`);
  };
  return {
    caFile: layout.pki('azure-ca.crt'),
    state: async () => JSON.parse(await ask('/state')) as unknown,
    control: async (action) => {
      await ask('/control', JSON.stringify(action));
    },
    connections: () => readConnections(connectionsLog(layout)),
    exec: (command) => execute(inAzure(layout, command)),
  };
}

export interface AzureConnection {
  readonly at: string;
  readonly name: 'imds' | 'entra' | 'arm';
  readonly from: string;
}

function readConnections(file: string): AzureConnection[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as AzureConnection);
}

function clusterOf(plan: ClusterPlan, context: UpContext): Cluster {
  const { layout, name, options } = plan;
  const { clock } = context;
  const isNode = options.profile === 'node';
  const enter = (command: readonly string[]) => (isNode ? inNode(layout, command) : command);
  const kubectlPath = join(plan.programs.kubernetes, 'kubectl');
  const locked = <T>(work: () => Promise<T>) => withLock(layout.lock, work);
  return {
    ...{ name, folder: layout.root, kubeconfig: layout.kubeconfig, apiServer: apiServerUrl(plan), kubectlPath },
    ...{ auditLog: layout.auditLog, log: layout.log, enter },
    azure: azureOf(plan),
    processes: () => processesOf(plan),
    kubectl: (...args) => must([kubectlPath, '--kubeconfig', layout.kubeconfig, ...args]),
    exec: (command, input) => execute(enter(command), input),
    importImage: async (archive) => {
      await must(enter(['ctr', '--namespace', 'k8s.io', 'images', 'import', '-']), archive);
    },
    kill: (component, signal = 'SIGKILL') => killComponent(layout, component, signal, clock),
    heal: () => locked(() => up(context)).then(() => undefined),
    powerOff: () => locked(() => endNode(layout, clock)),
    stop: async ({ keep = false } = {}) => {
      await locked(() => (keep ? endProcesses(layout, clock, 'SIGTERM') : removeCluster(layout, clock)));
      dropEmptyFolder(layout);
    },
  };
}

export function processesOf(plan: ClusterPlan): ClusterProcess[] {
  const { layout, options } = plan;
  return componentsOf(plan).map(({ name }) => {
    const record = readRecord(layout.pids, name);
    return { name, pid: record === undefined ? undefined : programPid(record, options.profile === 'node') };
  });
}

const END_MS = 60_000;

async function killComponent(layout: Layout, name: string, signal: NodeJS.Signals, clock: Clock): Promise<void> {
  const record = runningRecord(layout.pids, name);
  if (record === undefined) throw new Error(`${name} does not run`);
  const pid = programPid(record, runningRecord(layout.pids, 'node') !== undefined) ?? record.pid;
  process.kill(pid, signal);
  if (!(await waitForEnd(record, END_MS, clock))) throw new Error(`${name}, process ${pid}, does not end by ${signal}`);
  signalProcess(record, 'SIGKILL');
}
