import type { KubeObject } from '../objects.ts';
import type { ResourceType } from '../resource-types.ts';

export function trackUpdate(
  _type: ResourceType,
  _before: KubeObject | undefined,
  after: KubeObject,
  _context: { readonly manager: string },
  _now: number,
): KubeObject {
  return after;
}
