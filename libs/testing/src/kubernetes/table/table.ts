import type { JsonRecord } from '../json.ts';
import type { KubeObject } from '../objects.ts';
import type { ResourceType } from '../resource-types.ts';
import { columnsOf } from './columns.ts';

export interface TableOptions {
  /** Wall-clock milliseconds that ages are counted to. */
  readonly now: number;
  /** `None`, `Metadata` or `Object`; empty means `Metadata`. */
  readonly includeObject: string;
  readonly columns: boolean;
}

function rowObject(object: KubeObject, include: string): JsonRecord {
  if (include === 'None') return { object: null };
  if (include === 'Object') return { object };
  return {
    object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata },
  };
}

/** Objects as the Table that `kubectl get` prints, as JSON text. */
export function tableJson(
  type: ResourceType,
  objects: readonly KubeObject[],
  metadata: object,
  options: TableOptions,
): string {
  const columns = columnsOf(type);
  const definitions = columns.map(({ name, type: valueType, format, description, priority }) => ({
    name,
    type: valueType,
    format: format ?? '',
    description: description ?? name,
    priority: priority ?? 0,
  }));
  const rows = objects.map((object) => ({
    cells: columns.map((column) => column.cell(object, options.now)),
    ...rowObject(object, options.includeObject),
  }));
  return JSON.stringify({
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: objects.length === 1 && Object.keys(metadata).length === 0 ? pick(objects[0]) : metadata,
    columnDefinitions: options.columns ? definitions : null,
    rows,
  });
}

/** The table of one object carries the object's revision, so that a client can go on from it. */
function pick(object: KubeObject | undefined): JsonRecord {
  return { resourceVersion: object?.metadata.resourceVersion ?? '' };
}
