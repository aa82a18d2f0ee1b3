/** The program as its own process, between a Kubernetes API and an Azure that are simulated over real HTTP. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type Agent, type IncomingHttpHeaders, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { customResourceDefinition, KINDS, type KindName } from '@aad-pod-identity/crd-types';
import { type AzureSimulator, startAzureSimulator } from '@aad-pod-identity/testing/azure';
import { type KubernetesSimulator, startKubernetesSimulator } from '@aad-pod-identity/testing/kubernetes';

export const PROGRAM = fileURLToPath(new URL('../src/main.ts', import.meta.url));
export const TOKEN_PATH = '/metadata/identity/oauth2/token';
export const STORAGE = 'https://storage.azure.com/';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Ask {
  /** Source address: the pod's. */
  readonly from: string;
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
  /** A connection of its own for each request unless given. */
  readonly agent?: Agent;
}

export type LogLine = Readonly<Record<string, unknown>> & { readonly msg: string };

export function ask(port: number, { from, path, method, headers, signal, agent }: Ask): Promise<Answer> {
  const target = path ?? `${TOKEN_PATH}?api-version=2018-02-01&resource=${encodeURIComponent(STORAGE)}`;
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        ...{
          host: from.includes(':') ? '::1' : '127.0.0.1',
          port,
          localAddress: from,
          path: target,
          agent: agent ?? false,
          method: method ?? 'GET',
        },
        headers: headers ?? { Metadata: 'true' },
        ...(signal === undefined ? {} : { signal }),
      },
      (answer) => {
        let body = '';
        answer.setEncoding('utf8').on('data', (text: string) => (body += text));
        answer.on('error', reject).on('end', () => {
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body });
        });
      },
    );
    outgoing.on('error', reject).end();
  });
}

/** NMI as a process. */
export class Nmi {
  readonly lines: LogLine[] = [];
  readonly #child: ChildProcess;
  #woken = Promise.withResolvers<undefined>();

  constructor(args: readonly string[], env: NodeJS.ProcessEnv) {
    this.#child = spawn(process.execPath, [PROGRAM, ...args], { env, stdio: ['ignore', 'inherit', 'pipe'] });
    if (this.#child.stderr === null) throw new Error('no standard error');
    createInterface({ input: this.#child.stderr }).on('line', (line) => {
      this.lines.push(line.startsWith('{') ? (JSON.parse(line) as LogLine) : { msg: line });
      this.#woken.resolve(undefined);
      this.#woken = Promise.withResolvers();
    });
  }

  /** The first line from `from` on that fits, waited for. */
  async line(fits: (line: LogLine) => boolean, from = 0): Promise<LogLine> {
    for (;;) {
      const woken = this.#woken.promise;
      const found = this.lines.slice(from).find(fits);
      if (found !== undefined) return found;
      await woken;
    }
  }

  async ports(): Promise<{ port: number; healthPort: number; metricsPort: number }> {
    const { port } = await this.line(({ msg }) => msg === 'listening for token requests');
    const { healthPort, metricsPort } = await this.line(({ msg }) => msg === 'listening for health and metrics');
    return { port: Number(port), healthPort: Number(healthPort), metricsPort: Number(metricsPort) };
  }

  async synced(): Promise<void> {
    await this.line(({ msg }) => msg === 'the pods of this node and their identities are known');
  }

  /** Ends the process and gives its exit code. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return this.#child.exitCode;
    this.#child.kill(signal);
    return this.exited();
  }

  async exited(): Promise<number | null> {
    const [code] = (await once(this.#child, 'close')) as [number | null];
    return code;
  }
}

export interface World {
  readonly kube: KubernetesSimulator;
  readonly azure: AzureSimulator;
  /** Resource id of the node's machine. */
  readonly machine: string;
  /** Starts NMI with these flags more, and waits until it knows the cluster unless told not to. */
  nmi(flags?: readonly string[], options?: { wait?: boolean; env?: NodeJS.ProcessEnv }): Promise<Nmi>;
  close(): Promise<void>;
}

export const NODE = 'node-0';

export async function startWorld(): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'nmi-'));
  const crds = (Object.keys(KINDS) as KindName[]).map((kind) => customResourceDefinition(kind));
  const [kube, azure] = await Promise.all([startKubernetesSimulator({ crds }), startAzureSimulator()]);
  const machine = azure.addVm({ resourceGroup: 'nodes', name: NODE, systemAssigned: true }).id;
  const imds = await azure.imdsFor(machine);
  const file = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const env = {
    PATH: process.env.PATH,
    KUBECONFIG: file('kubeconfig', kube.kubeconfig()),
    AZURE_ENVIRONMENT_FILEPATH: file('cloud.json', JSON.stringify(azure.environment())),
    NODE_EXTRA_CA_CERTS: file('ca.pem', azure.ca.certPem),
  };
  const ports = ['--nmi-port=0', '--http-probe-port=0', '--prometheus-port=0', `--metadata-port=${imds.port}`];
  const common = [`--node=${NODE}`, '--metadata-ip=127.0.0.1', '--redirection=none', '--log-format=json', ...ports];
  const started: Nmi[] = [];
  return {
    kube,
    azure,
    machine,
    async nmi(flags = [], { wait = true, env: more = {} } = {}) {
      const nmi = new Nmi([...common, ...flags], { ...env, ...more });
      started.push(nmi);
      if (wait) await nmi.synced();
      return nmi;
    },
    async close() {
      await Promise.all(started.map((nmi) => nmi.stop('SIGKILL')));
      await Promise.all([kube.close(), azure.close()]);
      rmSync(folder, { recursive: true });
    },
  };
}
