import type { JsonRecord } from '../json.ts';
import type { Registry } from '../registry.ts';
import type { ResourceType } from '../resource-types.ts';

const SUBRESOURCE_VERBS: Readonly<Record<string, readonly string[]>> = {
  binding: ['create'],
  ephemeralcontainers: ['get', 'patch', 'update'],
  eviction: ['create'],
  finalize: ['update'],
  log: ['get'],
  scale: ['get', 'patch', 'update'],
  status: ['get', 'patch', 'update'],
  token: ['create'],
};

/** Kind of a subresource's body where it is not its parent's. */
const SUBRESOURCE_KINDS: Readonly<Record<string, { group: string; version: string; kind: string }>> = {
  binding: { group: '', version: 'v1', kind: 'Binding' },
  eviction: { group: 'policy', version: 'v1', kind: 'Eviction' },
  scale: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
  token: { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' },
};

const verbsOf = (subresource: string): readonly string[] => SUBRESOURCE_VERBS[subresource] ?? ['get'];

function subresourceKind(type: ResourceType, subresource: string) {
  return SUBRESOURCE_KINDS[subresource] ?? { group: type.group, version: type.version, kind: type.kind };
}

/** Groups in the order discovery has them: the core group first, then as they came. */
export function groupsOf(registry: Registry): Map<string, ResourceType[]> {
  return Map.groupBy(registry.all(), (type) => type.group);
}

const versionsOf = (types: readonly ResourceType[]): string[] => [...new Set(types.map((type) => type.version))];

function apiGroup(group: string, types: readonly ResourceType[]): JsonRecord {
  const versions = versionsOf(types).map((version) => ({ groupVersion: `${group}/${version}`, version }));
  return { name: group, versions, preferredVersion: versions[0] };
}

export function apiVersions(address: string): JsonRecord {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: address }],
  };
}

export function apiGroupList(registry: Registry): JsonRecord {
  const named = [...groupsOf(registry)].filter(([group]) => group !== '');
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: named.map(([group, types]) => apiGroup(group, types)) };
}

/** @returns undefined when the group is not served */
export function oneGroup(registry: Registry, group: string): JsonRecord | undefined {
  const types = groupsOf(registry).get(group);
  return types === undefined ? undefined : { kind: 'APIGroup', apiVersion: 'v1', ...apiGroup(group, types) };
}

function resourceEntries(type: ResourceType): JsonRecord[] {
  const { plural, singular, namespaced, kind, verbs, shortNames, categories } = type;
  const main = {
    name: plural,
    singularName: singular,
    namespaced,
    kind,
    verbs,
    ...(shortNames.length === 0 ? {} : { shortNames }),
    ...(categories.length === 0 ? {} : { categories }),
  };
  const parts = type.subresources.map((subresource) => {
    const own = subresourceKind(type, subresource);
    const foreign = own.group !== type.group || own.version !== type.version;
    return {
      name: `${plural}/${subresource}`,
      singularName: '',
      namespaced,
      ...(foreign ? { group: own.group, version: own.version } : {}),
      kind: own.kind,
      verbs: verbsOf(subresource),
    };
  });
  return [main, ...parts];
}

/** @returns undefined when the version is not served */
export function resourceList(registry: Registry, group: string, version: string): JsonRecord | undefined {
  const types = registry.all().filter((type) => type.group === group && type.version === version);
  if (types.length === 0) return undefined;
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: group === '' ? version : `${group}/${version}`,
    resources: types.flatMap(resourceEntries),
  };
}

/** Of a built-in kind group and version are left empty: they are those it stands in. */
const responseKind = ({ custom, group, version, kind }: ResourceType): JsonRecord =>
  custom ? { group, version, kind } : { group: '', version: '', kind };

function aggregatedResource(type: ResourceType): JsonRecord {
  const scope = type.namespaced ? 'Namespaced' : 'Cluster';
  return {
    resource: type.plural,
    responseKind: responseKind(type),
    scope,
    singularResource: type.singular,
    verbs: type.verbs,
    ...(type.shortNames.length === 0 ? {} : { shortNames: type.shortNames }),
    ...(type.categories.length === 0 ? {} : { categories: type.categories }),
    ...(type.subresources.length === 0
      ? {}
      : {
          subresources: type.subresources.map((subresource) => ({
            subresource,
            responseKind: { ...responseKind(type), ...SUBRESOURCE_KINDS[subresource] },
            verbs: verbsOf(subresource),
          })),
        }),
  };
}

/** Everything of `/api` (core) or `/apis` (the named groups) in one document. */
export function aggregated(registry: Registry, core: boolean, version: string): JsonRecord {
  const groups = [...groupsOf(registry)].filter(([group]) => (group === '') === core);
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groups.map(([group, types]) => ({
      metadata: group === '' ? { creationTimestamp: null } : { name: group, creationTimestamp: null },
      versions: versionsOf(types).map((name) => ({
        version: name,
        resources: types.filter((type) => type.version === name).map(aggregatedResource),
        freshness: 'Current',
      })),
    })),
  };
}
