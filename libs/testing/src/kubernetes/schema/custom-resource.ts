import type { KubeObject } from '../objects.ts';
import type { ResourceType } from '../resource-types.ts';
import type { FieldProblem } from '../status-errors.ts';

export interface Prepared {
  readonly object: KubeObject;
  readonly problems: readonly FieldProblem[];
}
export function prepareCustom(_type: ResourceType, object: KubeObject, _before?: KubeObject, _sub?: string): Prepared {
  return { object, problems: [] };
}
