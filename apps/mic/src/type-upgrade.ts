import { type KindName, respellPatch } from '@aad-pod-identity/crd-types';
import {
  azureAssignedIdentities,
  azureIdentities,
  azureIdentityBindings,
  azurePodIdentityExceptions,
  configMaps,
  isKubeError,
  type KubeClient,
  type KubeObject,
  type Resource,
} from '@aad-pod-identity/kube';
import { backoff, type Clock, version } from '@aad-pod-identity/runtime';
import type { Logger } from '@aad-pod-identity/telemetry';
import { inParallel } from './apply/in-parallel.ts';

/**
 * Objects written before 1.6 carry `ResourceID` where today's say `resourceID`. They are read in any spelling, but the
 * columns of kubectl show canonical fields only, and a 1.8.17 after a rollback reads nothing else. So they are rewritten
 * once; a ConfigMap says that it was done, by whatever version: 1.8.17 looks at the same key.
 */
export interface TypeUpgradeOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly configMap: { readonly namespace: string; readonly name: string };
  readonly key: string;
}

interface Tally {
  rewritten: number;
  /** Objects that cannot be read, or whose rewritten form the API server refuses. */
  left: number;
}

const ALL: readonly (readonly [KindName, Resource])[] = [
  ['AzureIdentity', azureIdentities],
  ['AzureIdentityBinding', azureIdentityBindings],
  ['AzurePodIdentityException', azurePodIdentityExceptions],
  ['AzureAssignedIdentity', azureAssignedIdentities],
];
const PAGE_SIZE = 500;
const PARALLEL = 10;
/** Somebody may edit an object at the same moment, not again and again. */
const ATTEMPTS = 5;
const RETRY = { baseMs: 1000, maxMs: 5 * 60_000 };

async function orUndefined<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isKubeError(error, 'notFound')) return undefined;
    throw error;
  }
}

class TypeUpgrade {
  readonly #options: TypeUpgradeOptions;
  readonly #signal: AbortSignal;
  readonly #tally: Tally = { rewritten: 0, left: 0 };
  /** The first write that failed: the others do not wait for it. */
  #failure: Error | undefined;

  constructor(options: TypeUpgradeOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
  }

  /** @throws KubeError; what was rewritten by then is canonical and is passed over the next time */
  async run(): Promise<void> {
    const { logger, key } = this.#options;
    const data = await this.#status();
    if (data !== undefined && Object.hasOwn(data, key)) {
      logger.debug('type upgrade was done before', { by: data[key] });
      return;
    }
    for (const [kind, resource] of ALL) await this.#upgradeAll(kind, resource);
    if (this.#failure !== undefined) throw this.#failure;
    await this.#writeStatus(data === undefined);
    logger.info('type upgrade done', { ...this.#tally });
  }

  async #status(): Promise<Readonly<Record<string, string>> | undefined> {
    const { client, configMap } = this.#options;
    const found = await orUndefined(client.get(configMaps, configMap, { signal: this.#signal }));
    return found === undefined ? undefined : ((found as { data?: Record<string, string> | null }).data ?? {});
  }

  async #writeStatus(isNew: boolean): Promise<void> {
    const { client, configMap, key } = this.#options;
    const data = { [key]: `v${version}` };
    const options = { signal: this.#signal };
    if (!isNew) await client.patch(configMaps, configMap, { data }, { type: 'merge' }, options);
    else {
      const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: configMap, data };
      await client.create(configMaps, { namespace: configMap.namespace }, object, options);
    }
  }

  async #upgradeAll(kind: KindName, resource: Resource): Promise<void> {
    let next: string | undefined;
    do {
      const query = { limit: PAGE_SIZE, continue: next };
      const page = await this.#options.client.list(resource, query, { signal: this.#signal });
      const jobs = page.items.map((item) => () => this.#upgrade(kind, resource, item as KubeObject));
      const [error] = await inParallel(jobs, PARALLEL, this.#signal);
      this.#failure ??= error;
      next = page.metadata.continue;
    } while (next);
  }

  async #upgrade(kind: KindName, resource: Resource, object: KubeObject, attempt = 1): Promise<void> {
    const patch = respellPatch(kind, object);
    if (!patch.ok) this.#leave(kind, object, patch.reason);
    if (!patch.ok || patch.value === undefined) return;
    try {
      await this.#write(resource, object, patch.value);
    } catch (error) {
      if (isKubeError(error, 'invalid')) this.#leave(kind, object, error.message);
      else if (!isKubeError(error, 'conflict', 'notFound') || attempt === ATTEMPTS) throw error;
      else await this.#upgradeLatest(kind, resource, object, attempt + 1);
    }
  }

  async #upgradeLatest(kind: KindName, resource: Resource, { metadata }: KubeObject, attempt: number): Promise<void> {
    const ref = { namespace: metadata?.namespace, name: metadata?.name ?? '' };
    const call = this.#options.client.get<unknown>(resource, ref, { signal: this.#signal });
    const latest = (await orUndefined(call)) as KubeObject | undefined;
    if (latest !== undefined) await this.#upgrade(kind, resource, latest, attempt);
  }

  /** Refused if somebody wrote since it was read. */
  async #write(resource: Resource, { metadata = {} }: KubeObject, patch: object): Promise<void> {
    const { namespace, name = '', resourceVersion } = metadata;
    const body = { ...patch, metadata: { resourceVersion } };
    await this.#options.client.patch(resource, { namespace, name }, body, { type: 'merge' }, { signal: this.#signal });
    this.#tally.rewritten++;
  }

  #leave(kind: KindName, { metadata }: KubeObject, reason: string): void {
    const object = `${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`;
    this.#options.logger.warn('type upgrade leaves an object as it is', { kind, object, reason });
    this.#tally.left++;
  }
}

/** Tries until it is done: nothing waits for it. */
export async function runTypeUpgrade(options: TypeUpgradeOptions, signal: AbortSignal): Promise<void> {
  const delay = backoff(RETRY);
  for (let attempt = 0; ; attempt++) {
    try {
      await new TypeUpgrade(options, signal).run();
      return;
    } catch (error) {
      if (signal.aborted) throw error;
      options.logger.warn('type upgrade is tried again', { err: error });
      await options.clock.sleep(delay(attempt), signal);
    }
  }
}
