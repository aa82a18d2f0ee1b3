import { createHash } from 'node:crypto';

import type { JsonRecord } from '../json.ts';
import type { Registry } from '../registry.ts';
import { apiVersionOf, collectionPath, type ResourceType } from '../resource-types.ts';
import type { SchemaNode } from '../schema/schema-node.ts';

const specName = (type: ResourceType): string =>
  [...(type.group === '' ? ['core'] : type.group.split('.').reverse()), type.version, type.kind].join('.');

const gvk = ({ group, version, kind }: ResourceType): JsonRecord => ({ group, version, kind });

const queryParameter = (name: string): JsonRecord => ({ name, in: 'query', schema: { type: 'string' } });
const WRITE_PARAMETERS = ['dryRun', 'fieldManager', 'fieldValidation', 'pretty'].map(queryParameter);

function operation(type: ResourceType, action: string, parameters: readonly JsonRecord[]): JsonRecord {
  return {
    operationId: `${action}${type.group}${type.version}${type.kind}`,
    parameters,
    responses: { 200: { description: 'OK' } },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': gvk(type),
  };
}

function objectPaths(type: ResourceType, path: string): JsonRecord {
  return {
    [path]: {
      get: operation(type, 'get', []),
      put: operation(type, 'put', WRITE_PARAMETERS),
      patch: operation(type, 'patch', [...WRITE_PARAMETERS, queryParameter('force')]),
      delete: operation(type, 'delete', [queryParameter('dryRun')]),
    },
    ...(type.subresources.includes('status')
      ? {
          [`${path}/status`]: {
            get: operation(type, 'get', []),
            put: operation(type, 'put', WRITE_PARAMETERS),
            patch: operation(type, 'patch', WRITE_PARAMETERS),
          },
        }
      : {}),
  };
}

function pathsOf(type: ResourceType): JsonRecord {
  const collection = collectionPath(type, type.namespaced ? '{namespace}' : undefined);
  const can = (verb: string): boolean => type.verbs.includes(verb);
  return {
    [collection]: {
      ...(can('list') ? { get: operation(type, 'list', []) } : {}),
      ...(can('create') ? { post: operation(type, 'post', WRITE_PARAMETERS) } : {}),
    },
    ...(can('get') ? objectPaths(type, `${collection}/{name}`) : {}),
  };
}

const OBJECT_META = {
  type: 'object',
  description: 'Standard object metadata.',
  properties: {
    name: { type: 'string' },
    namespace: { type: 'string' },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
    annotations: { type: 'object', additionalProperties: { type: 'string' } },
  },
};

function schemaOf(type: ResourceType): JsonRecord {
  const schema: SchemaNode = type.schema ?? { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  return {
    ...schema,
    type: 'object',
    properties: {
      ...schema.properties,
      apiVersion: { type: 'string', description: 'Version of the schema of this object.' },
      kind: { type: 'string', description: 'Kind of this object.' },
      metadata: OBJECT_META,
    },
    'x-kubernetes-group-version-kind': [gvk(type)],
  };
}

const rootOf = (type: ResourceType): string =>
  type.group === '' ? `api/${type.version}` : `apis/${apiVersionOf(type)}`;

function documents(registry: Registry): Map<string, ResourceType[]> {
  return Map.groupBy(registry.all(), rootOf);
}

function documentOf(types: readonly ResourceType[]): JsonRecord {
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'v1.35.4' },
    paths: Object.assign({}, ...types.map(pathsOf)) as JsonRecord,
    components: { schemas: Object.fromEntries(types.map((type) => [specName(type), schemaOf(type)])) },
  };
}

/** The index of OpenAPI v3; its hashes change with what is served. */
export function openApiIndex(registry: Registry): JsonRecord {
  const entries = [...documents(registry)].map(([root, types]) => {
    const hash = createHash('sha256')
      .update(JSON.stringify(documentOf(types)))
      .digest('hex')
      .slice(0, 32)
      .toUpperCase();
    return [root, { serverRelativeURL: `/openapi/v3/${root}?hash=${hash}` }];
  });
  return { paths: Object.fromEntries(entries) as JsonRecord };
}

/** OpenAPI v3 of one group and version. @returns undefined when it is not served */
export function openApiDocument(registry: Registry, root: string): JsonRecord | undefined {
  const types = documents(registry).get(root);
  return types === undefined ? undefined : documentOf(types);
}

/** As much of OpenAPI v2 as clients look at: the definitions with their kinds. */
export function openApiV2(registry: Registry): JsonRecord {
  const types = registry.all();
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version: 'v1.35.4' },
    paths: Object.assign({}, ...types.map(pathsOf)) as JsonRecord,
    definitions: Object.fromEntries(types.map((type) => [specName(type), schemaOf(type)])),
  };
}
