import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { API_VERSION, customResourceDefinition, KINDS, type KindName } from '@aad-pod-identity/crd-types';
import { type Clock, systemClock } from '@aad-pod-identity/runtime';
import {
  azureIdentity,
  azureIdentityBinding,
  createRunCa,
  node,
  pod,
  type PodOptions,
} from '@aad-pod-identity/testing';
import { type App, type AzureSimulator, startAzureSimulator } from '@aad-pod-identity/testing/azure';
import {
  type KubernetesSimulator,
  type SimulatorOptions,
  startKubernetesSimulator,
} from '@aad-pod-identity/testing/kubernetes';

/** Its ledger is here. */
const MIC_NAMESPACE = 'mic-ns';
const MIC_SECRET = 'mic-secret';
const clock: Clock = systemClock;

/** One authority for all clusters of a process: trusting one takes effect for connections made later only. */
export const ca = createRunCa();

export interface AssignedIdentity {
  readonly metadata: { readonly name: string; readonly finalizers?: string[] };
  readonly spec: { readonly pod: string; readonly podNamespace: string; readonly nodename: string };
  readonly status: {
    readonly status: string;
    readonly conditions?: {
      readonly type: string;
      readonly status: string;
      readonly reason: string;
      readonly message: string;
    }[];
  };
}

export interface IdentityCondition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
  readonly observedGeneration: number;
}

/** Longer than any test: a loop that outlived its test would keep Jest from ending. */
const GIVE_UP_MS = 60_000;

/** Waits for a condition; the test's own time limit is mostly sooner. @throws when it does not come. */
export async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  const giveUpAt = clock.monotonic() + GIVE_UP_MS;
  while (!(await condition())) {
    if (clock.monotonic() > giveUpAt) throw new Error('what was waited for has not come');
    await clock.sleep(10);
  }
}

/** A cluster and an Azure of its own, and the files that MIC is started with. */
export class TestCluster {
  readonly kube: KubernetesSimulator;
  readonly azure: AzureSimulator;
  readonly folder: string;
  /** Whom MIC signs in as. */
  readonly app: App;

  private constructor(kube: KubernetesSimulator, azure: AzureSimulator, folder: string) {
    this.kube = kube;
    this.azure = azure;
    this.folder = folder;
    this.app = azure.addApp({ secret: MIC_SECRET });
  }

  static async start(options: SimulatorOptions = {}): Promise<TestCluster> {
    const crds = (Object.keys(KINDS) as KindName[]).map(customResourceDefinition);
    const kube = await startKubernetesSimulator({ crds, ...options });
    const azure = await startAzureSimulator({ ca });
    const cluster = new TestCluster(kube, azure, await mkdtemp(join(tmpdir(), 'mic-')));
    kube.state.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: MIC_NAMESPACE } });
    await cluster.#writeFiles();
    return cluster;
  }

  async #writeFiles(): Promise<void> {
    const { app } = this;
    const cloudConfig = {
      cloud: 'AzureStackCloud',
      tenantId: app.tenantId,
      aadClientId: app.clientId,
      aadClientSecret: MIC_SECRET,
    };
    await writeFile(this.file('kubeconfig'), this.kube.kubeconfig());
    await writeFile(this.file('azure.json'), JSON.stringify(cloudConfig));
    await writeFile(this.file('environment.json'), JSON.stringify(this.azure.environment()));
    await writeFile(this.file('ca.pem'), this.azure.ca.certPem);
  }

  file(name: string): string {
    return join(this.folder, name);
  }

  get args(): string[] {
    return [
      ...[`--kubeconfig=${this.file('kubeconfig')}`, `--cloudconfig=${this.file('azure.json')}`],
      ...['--http-probe-port=0', '--prometheus-port=0', '--update-user-msi-retry-interval=10ms'],
    ];
  }

  get env(): Record<string, string> {
    return { MIC_POD_NAMESPACE: MIC_NAMESPACE, AZURE_ENVIRONMENT_FILEPATH: this.file('environment.json') };
  }

  async close(): Promise<void> {
    await Promise.all([this.kube.close(), this.azure.close()]);
    await rm(this.folder, { recursive: true });
  }

  /** A scale set and a node for each of its instances, called `<name>-<instance>`. */
  addScaleSet(name: string, instances: number, userAssigned: readonly string[] = []): string {
    const { id, providerIds } = this.azure.addScaleSet({ resourceGroup: 'nodes', name, instances, userAssigned });
    providerIds.forEach((providerID, index) => this.kube.state.create(node({ name: `${name}-${index}`, providerID })));
    return id;
  }

  addVm(name: string, userAssigned: readonly string[] = []): string {
    const { id, providerId } = this.azure.addVm({ resourceGroup: 'nodes', name, userAssigned });
    this.kube.state.create(node({ name, providerID: providerId }));
    return id;
  }

  /** An identity in Azure, lower-cased id. */
  newIdentity(name: string): string {
    return this.azure.addIdentity({ resourceGroup: 'identities', name }).id;
  }

  /** An identity in Azure and in the cluster, with a binding whose selector is `selector`. */
  bindIdentity(name: string, selector = name): string {
    const { id, clientId } = this.azure.addIdentity({ resourceGroup: 'identities', name });
    this.kube.state.create(azureIdentity({ name, spec: { resourceID: id, clientID: clientId } }));
    this.kube.state.create(azureIdentityBinding({ name, selector }));
    return id.toLowerCase();
  }

  addPod(name: string, onNode: string, label: string, options: PodOptions = {}): void {
    this.kube.state.create(pod({ name, node: onNode, label, ...options }));
  }

  deletePod(name: string, namespace = 'default'): void {
    this.kube.state.delete('v1', 'Pod', namespace, name);
  }

  records(): AssignedIdentity[] {
    return this.kube.state.list(API_VERSION, 'AzureAssignedIdentity') as unknown as AssignedIdentity[];
  }

  /** `<record> <state>` of each, sorted. */
  states(): string[] {
    return this.records()
      .map(({ metadata, status }) => `${metadata.name} ${status.status}`)
      .sort();
  }

  /** Whether that many records are Assigned, as a condition to wait for. */
  allAssigned(count: number): () => boolean {
    return () => this.states().filter((state) => state.endsWith('Assigned')).length === count;
  }

  /** Of the record called `name`. */
  condition(name: string) {
    return this.records().find(({ metadata }) => metadata.name === name)?.status.conditions?.[0];
  }

  /** What the AzureIdentity called `name` says of itself. */
  identityCondition(name: string, namespace = 'default'): IdentityCondition | undefined {
    return (this.identity(name, namespace)?.status?.conditions ?? [])[0];
  }

  identity(name: string, namespace = 'default') {
    const found = this.kube.state.get(API_VERSION, 'AzureIdentity', namespace, name);
    return found as { metadata: { generation: number }; status?: { conditions?: IdentityCondition[] } } | undefined;
  }

  /** Changes with every write to the record called `name`. */
  version(name: string): string | undefined {
    return this.kube.state.get(API_VERSION, 'AzureAssignedIdentity', 'default', name)?.metadata.resourceVersion;
  }

  /** VMs and scale sets with identities of MIC's own, by what it wrote down. */
  ledgers(): number {
    const maps = this.kube.state.list('v1', 'ConfigMap', MIC_NAMESPACE);
    return maps.filter(({ metadata }) => metadata.name.includes('ledger')).length;
  }

  assigned(resourceId: string): string[] {
    return this.azure.state.assignedTo(resourceId);
  }

  armWrites(): number {
    return this.azure.state.requests.filter(({ operation }) => operation === 'arm.update').length;
  }

  /** What Events tell people. */
  messages(): string[] {
    return (this.kube.state.list('v1', 'Event') as unknown as { message: string }[]).map(({ message }) => message);
  }

  events(): string[] {
    const events = this.kube.state.list('v1', 'Event') as unknown as {
      reason: string;
      involvedObject: { name: string };
    }[];
    return events.map(({ reason, involvedObject }) => `${involvedObject.name}: ${reason}`).sort();
  }
}
