import type { SchemaNode } from './schema/schema-node.ts';

/** One column of `kubectl get`; `path` is the JSONPath of a CRD's column. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: string;
  readonly format?: string;
  readonly description?: string;
  /** 0 is always shown, more only with `-o wide`. */
  readonly priority?: number;
  readonly path: string;
}

/** A resource in one version of its group, as discovery names it and storage keeps it. */
export interface ResourceType {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly listKind: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly verbs: readonly string[];
  readonly subresources: readonly string[];
  /** Where its objects are kept; the same for all versions of a group. */
  readonly collection: string;
  readonly custom: boolean;
  readonly schema?: SchemaNode;
  readonly columns?: readonly PrinterColumn[];
  /** Dotted paths of a custom resource that field selectors may name besides metadata. */
  readonly selectableFields?: readonly string[];
}

export const ALL_VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'] as const;

/** The verbs of custom resources, in the order discovery lists them. */
export const CUSTOM_VERBS = [
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'create',
  'update',
  'watch',
] as const;

export const apiVersionOf = (type: { readonly group: string; readonly version: string }): string =>
  type.group === '' ? type.version : `${type.group}/${type.version}`;

export const collectionOf = (group: string, plural: string): string => (group === '' ? plural : `${plural}.${group}`);

/** Path of the resource's collection below the server's root. */
export function collectionPath(type: ResourceType, namespace?: string): string {
  const root = type.group === '' ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`;
  return namespace === undefined ? `${root}/${type.plural}` : `${root}/namespaces/${namespace}/${type.plural}`;
}
