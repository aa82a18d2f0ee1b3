import { API_VERSION, type KindName, POD_LABEL } from '@aad-pod-identity/crd-types';
import {
  azureAssignedIdentities,
  azureIdentities,
  azureIdentityBindings,
  connect,
  createReflector,
  type KubeClient,
  namespacedName,
  nodes,
  pods,
  Store,
} from '@aad-pod-identity/kube';
import { systemClock } from '@aad-pod-identity/runtime';
import { silentLogger } from '@aad-pod-identity/telemetry';
import type { RemoteAzure } from './azure-process.ts';

interface Assigned {
  readonly namespace: string;
  readonly name: string;
  readonly state: string;
}

interface RawRecord {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly status?: { readonly status?: string };
}

const NAMESPACE = 'default';
const slim = (raw: unknown): Assigned => {
  const { metadata, status } = raw as RawRecord;
  return { namespace: metadata.namespace, name: metadata.name, state: status?.status ?? '' };
};
const fields = { metadata: {}, status: { status: true } } as const;

/** Runs `act` for 0 to `count` - 1, so many at a time. */
export async function inParallel(count: number, at: number, act: (nth: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await act(next++);
  };
  await Promise.all(Array.from({ length: Math.min(at, count) }, worker));
}

/** A cluster as its users see it: they make objects and watch what becomes of them. */
export class World {
  readonly client: KubeClient;
  readonly azure: RemoteAzure;
  readonly #store = new Store<Assigned>({ key: namespacedName });
  readonly #stop = new AbortController();
  readonly #assignedAt = new Map<string, number>();
  readonly #waiting = new Map<string, (at: number) => void>();
  #running: Promise<void> = Promise.resolve();
  /** Changes of records that were seen. */
  changes = 0;

  constructor(client: KubeClient, azure: RemoteAzure) {
    this.client = client;
    this.azure = azure;
  }

  static async open(kubeconfig: string, azure: RemoteAzure): Promise<World> {
    const common = { clock: systemClock, logger: silentLogger };
    const client = await connect({ ...common, kubeconfig, env: {}, userAgent: 'bench', qps: 0 });
    const world = new World(client, azure);
    await world.#watch();
    return world;
  }

  async #watch(): Promise<void> {
    this.#store.subscribe(({ key, object, previous, type }) => {
      if (previous !== object) this.changes++;
      if (type === 'deleted') this.#assignedAt.delete(key);
      else if (object.state === 'Assigned') this.#assigned(key);
    });
    const common = { clock: systemClock, logger: silentLogger, client: this.client };
    const reflector = createReflector<Assigned>({
      ...common,
      resource: azureAssignedIdentities,
      slim,
      fields,
      store: this.#store,
    });
    this.#running = reflector.run(this.#stop.signal).catch(() => undefined);
    await reflector.whenSynced();
  }

  #assigned(key: string): void {
    if (this.#assignedAt.has(key)) return;
    const at = systemClock.monotonic();
    this.#assignedAt.set(key, at);
    this.#waiting.get(key)?.(at);
    this.#waiting.delete(key);
  }

  /** When the record of a pod and an identity was seen Assigned, monotonic milliseconds. */
  assigned(pod: string, identity: string): Promise<number> {
    const key = `${NAMESPACE}/${pod}-${NAMESPACE}-${identity}`;
    const at = this.#assignedAt.get(key);
    return at === undefined ? new Promise((resolve) => this.#waiting.set(key, resolve)) : Promise.resolve(at);
  }

  get assignedCount(): number {
    return this.#assignedAt.size;
  }

  get recordCount(): number {
    return this.#store.size;
  }

  async untilAssigned(count: number): Promise<void> {
    while (this.#assignedAt.size < count) await systemClock.sleep(5);
  }

  async untilRecords(count: number): Promise<void> {
    while (this.recordCount !== count) await systemClock.sleep(5);
  }

  /** A scale set in Azure and its nodes in the cluster, `<name>-<instance>`. Gives its id. */
  async scaleSet(name: string, instances: number): Promise<string> {
    const made = (await this.azure.tell('scaleSet', { name, instances })) as { id: string; providerIds: string[] };
    await inParallel(instances, 20, (nth) => {
      const object = { apiVersion: 'v1', kind: 'Node', metadata: { name: `${name}-${nth}` } };
      return this.client.create(nodes, {}, { ...object, spec: { providerID: made.providerIds[nth] } } as object);
    });
    return made.id;
  }

  /** An identity in Azure, its AzureIdentity and its binding; all are called `name`, the selector too. Gives its id. */
  async identity(name: string): Promise<string> {
    const { id, clientId } = (await this.azure.tell('identity', { name })) as { id: string; clientId: string };
    const of = (kind: KindName, spec: object) =>
      ({ apiVersion: API_VERSION, kind, metadata: { namespace: NAMESPACE, name }, spec }) as object;
    const place = { namespace: NAMESPACE };
    await this.client.create(
      azureIdentities,
      place,
      of('AzureIdentity', { type: 0, resourceID: id, clientID: clientId }),
    );
    await this.client.create(
      azureIdentityBindings,
      place,
      of('AzureIdentityBinding', { azureIdentity: name, selector: name }),
    );
    return id;
  }

  async pod(name: string, node: string, label: string): Promise<void> {
    const metadata = { namespace: NAMESPACE, name, labels: { [POD_LABEL]: label } };
    const spec = { nodeName: node, containers: [{ name: 'main', image: 'none' }], terminationGracePeriodSeconds: 0 };
    await this.client.create(pods, { namespace: NAMESPACE }, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata,
      spec,
    } as object);
  }

  async deletePod(name: string): Promise<void> {
    await this.client.delete(pods, { namespace: NAMESPACE, name }, { gracePeriodSeconds: 0 });
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.client.close();
  }
}
