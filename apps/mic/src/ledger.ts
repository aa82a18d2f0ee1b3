import { createHash } from 'node:crypto';
import { parseProviderId, type Target } from '@aad-pod-identity/azure-arm';
import { configMaps, type KubeClient, type KubeObject, type ObjectRef } from '@aad-pod-identity/kube';
import { putConfigMap, removeConfigMap } from './config-map.ts';

/**
 * Which identities MIC itself has put on which VM or scale set: one ConfigMap each, written before Azure is. What is
 * not in it was there before MIC and is never taken off (docs/adr/0003-ownership-ledger.md).
 */
export interface Ledger {
  /** Reads all of it; called once at the beginning of each leadership, when nobody else writes any more. */
  load(signal: AbortSignal): Promise<void>;
  /** Lower-cased resource ids. */
  get(key: string): ReadonlySet<string>;
  /** Writes only what differs. @throws KubeError: then nothing may be written to Azure. */
  save(key: string, ids: ReadonlySet<string>, signal: AbortSignal): Promise<void>;
  /** VMs and scale sets with at least one identity of ours. */
  keys(): Iterable<string>;
}

const LABEL = 'aadpodidentity.k8s.io/ledger';

interface LedgerMap extends KubeObject {
  data?: { target?: string; identities?: string } | null;
}

const EMPTY: ReadonlySet<string> = new Set();

export function sameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((id) => b.has(id));
}

function nameFor(key: string): string {
  return `aad-pod-identity-ledger-${createHash('sha256').update(key).digest('hex').slice(0, 16)}`;
}

function bodyFor(key: string, ids: ReadonlySet<string>) {
  return { metadata: { labels: { [LABEL]: 'true' } }, data: { target: key, identities: [...ids].sort().join('\n') } };
}

/** The VM or scale set that a key of the queue names; also where no node of it is left. */
export function targetOfKey(key: string): Target | undefined {
  return parseProviderId(`azure://${key}`) ?? parseProviderId(`azure://${key}/virtualMachines/0`);
}

class ConfigMapLedger implements Ledger {
  readonly #client: KubeClient;
  readonly #namespace: string;
  readonly #entries = new Map<string, ReadonlySet<string>>();

  constructor(client: KubeClient, namespace: string) {
    this.#client = client;
    this.#namespace = namespace;
  }

  async load(signal: AbortSignal): Promise<void> {
    const query = { namespace: this.#namespace, labelSelector: LABEL };
    const { items } = await this.#client.list(configMaps, query, { signal });
    this.#entries.clear();
    for (const { data } of items as LedgerMap[]) {
      const ids = (data?.identities ?? '').split('\n').filter((id) => id !== '');
      if (data?.target !== undefined && ids.length > 0) this.#entries.set(data.target, new Set(ids));
    }
  }

  get(key: string): ReadonlySet<string> {
    return this.#entries.get(key) ?? EMPTY;
  }

  keys(): Iterable<string> {
    return this.#entries.keys();
  }

  async save(key: string, ids: ReadonlySet<string>, signal: AbortSignal): Promise<void> {
    if (sameSet(this.get(key), ids)) return;
    if (ids.size === 0) await this.#remove(key, signal);
    else await this.#put(key, ids, signal);
    if (ids.size === 0) this.#entries.delete(key);
    else this.#entries.set(key, new Set(ids));
  }

  async #put(key: string, ids: ReadonlySet<string>, signal: AbortSignal): Promise<void> {
    await putConfigMap(this.#client, this.#ref(key), bodyFor(key, ids), signal);
  }

  async #remove(key: string, signal: AbortSignal): Promise<void> {
    await removeConfigMap(this.#client, this.#ref(key), signal);
  }

  #ref(key: string): ObjectRef {
    return { namespace: this.#namespace, name: nameFor(key) };
  }
}

export function createLedger(client: KubeClient, namespace: string): Ledger {
  return new ConfigMapLedger(client, namespace);
}
