import { builtinTypes } from './builtin/types.ts';
import { apiVersionOf, type ResourceType } from './resource-types.ts';

const pathKey = (group: string, version: string, plural: string): string => `${group}/${version}/${plural}`;

/** The resource types served at this moment: the built-in ones and those of the installed CRDs. */
export class Registry {
  readonly #byPath = new Map<string, ResourceType>();

  constructor() {
    for (const type of builtinTypes) this.add(type);
  }

  add(type: ResourceType): void {
    this.#byPath.set(pathKey(type.group, type.version, type.plural), type);
  }

  /** Stops serving every version of a custom resource. */
  removeCollection(collection: string): void {
    for (const [key, type] of this.#byPath) if (type.collection === collection) this.#byPath.delete(key);
  }

  byPath(group: string, version: string, plural: string): ResourceType | undefined {
    return this.#byPath.get(pathKey(group, version, plural));
  }

  serves(group: string, version: string): boolean {
    return this.all().some((type) => type.group === group && type.version === version);
  }

  byKind(apiVersion: string, kind: string): ResourceType | undefined {
    return this.all().find((type) => type.kind === kind && apiVersionOf(type) === apiVersion);
  }

  all(): ResourceType[] {
    return [...this.#byPath.values()];
  }

  /** `group/version` to its types, in the order they came; the core group's name is empty. */
  groupVersions(): Map<string, ResourceType[]> {
    return Map.groupBy(this.all(), (type) => `${type.group}/${type.version}`);
  }
}
