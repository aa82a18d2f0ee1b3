import type { Cluster } from '../cluster.ts';
import type { KubeObject } from '../objects.ts';
import type { ResourceType } from '../resource-types.ts';
import type { Prepared } from '../schema/custom-resource.ts';

export function prepareCreate(_c: Cluster, _type: ResourceType, object: KubeObject): Prepared {
  return { object, problems: [] };
}
export function prepareUpdate(_type: ResourceType, before: KubeObject, object: KubeObject, sub?: string): Prepared {
  if (sub === 'status')
    return { object: { ...before, metadata: object.metadata, status: object['status'] }, problems: [] };
  return { object, problems: [] };
}
