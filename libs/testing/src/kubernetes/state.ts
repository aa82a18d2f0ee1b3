import type { Cluster } from './cluster.ts';
import { isRecord, type JsonRecord } from './json.ts';
import { asKubeObject, type KubeObject, objectKey } from './objects.ts';
import { mergePatch } from './patch/merge.ts';
import type { ResourceType } from './resource-types.ts';
import { newMetadata } from './writes/create.ts';
import { deleteObject } from './writes/delete.ts';

/** Any API object; what is missing of its metadata is filled in. */
export type ObjectInput = object;

function typeFor(cluster: Cluster, apiVersion: string, kind: string): ResourceType {
  const type = cluster.registry.byKind(apiVersion, kind);
  if (type === undefined) throw new Error(`the simulator serves no ${kind} in ${apiVersion}`);
  return type;
}

function read(cluster: Cluster, input: ObjectInput): { type: ResourceType; object: KubeObject } {
  const object = asKubeObject(input as JsonRecord);
  const type = typeFor(cluster, object.apiVersion, object.kind);
  if (!type.namespaced) return { type, object };
  return {
    type,
    object: { ...object, metadata: { ...object.metadata, namespace: object.metadata.namespace ?? 'default' } },
  };
}

/**
 * The state behind the API, for tests and tools that set the scene or look at the outcome. Writes go past admission:
 * a status is kept, nothing is pruned or defaulted, no precondition is checked. Watchers see them.
 */
export class State {
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** @throws Error when it exists already or its kind is not served */
  create(input: ObjectInput): KubeObject {
    const { type, object } = read(this.#cluster, input);
    const metadata = { ...newMetadata(this.#cluster, type, object.metadata), ...given(object) };
    const key = objectKey(metadata.namespace, metadata.name);
    if (this.#cluster.storage.get(type.collection, key) !== undefined) {
      throw new Error(`${type.kind} ${key} exists already`);
    }
    return this.#cluster.storage.put(type.collection, { ...object, metadata });
  }

  /** Creates the object, or replaces it whatever its revision. */
  apply(input: ObjectInput): KubeObject {
    const { type, object } = read(this.#cluster, input);
    const { namespace, name } = object.metadata;
    const before = this.#cluster.storage.get(type.collection, objectKey(namespace, name));
    if (before === undefined) return this.create(input);
    const { uid, creationTimestamp, generation } = before.metadata;
    const kept = JSON.parse(JSON.stringify({ uid, creationTimestamp, generation })) as Partial<KubeObject['metadata']>;
    return this.#cluster.storage.put(type.collection, { ...object, metadata: { ...object.metadata, ...kept } });
  }

  get(apiVersion: string, kind: string, namespace: string | undefined, name: string): KubeObject | undefined {
    const type = typeFor(this.#cluster, apiVersion, kind);
    return this.#cluster.storage.get(type.collection, objectKey(namespace, name));
  }

  list(apiVersion: string, kind: string, namespace?: string): KubeObject[] {
    const all = this.#cluster.storage.list(typeFor(this.#cluster, apiVersion, kind).collection);
    return namespace === undefined ? all : all.filter((object) => object.metadata.namespace === namespace);
  }

  /** JSON merge patch over the whole object, its status too. @throws Error when there is no such object */
  patch(apiVersion: string, kind: string, namespace: string | undefined, name: string, patch: object): KubeObject {
    const type = typeFor(this.#cluster, apiVersion, kind);
    const before = this.get(apiVersion, kind, namespace, name);
    if (before === undefined) throw new Error(`there is no ${kind} ${objectKey(namespace, name)}`);
    const after = mergePatch(before, patch);
    return this.#cluster.storage.put(type.collection, asKubeObject(isRecord(after) ? after : {}));
  }

  /** Deletes at once where nothing holds the object, else marks it, as the API does. True when there was one. */
  delete(apiVersion: string, kind: string, namespace: string | undefined, name: string): boolean {
    const type = typeFor(this.#cluster, apiVersion, kind);
    const object = this.get(apiVersion, kind, namespace, name);
    if (object === undefined) return false;
    deleteObject(this.#cluster, type, object, { dryRun: false });
    return true;
  }

  /** Older resourceVersions are answered 410 from now on. */
  compact(): void {
    this.#cluster.storage.compact();
  }
}

/** What a test says about metadata that the server would decide itself. */
function given({ metadata }: KubeObject): Partial<KubeObject['metadata']> {
  const { uid, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds, generation } = metadata;
  const said = { uid, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds, generation };
  return JSON.parse(JSON.stringify(said)) as Partial<KubeObject['metadata']>;
}
