import { sameJson, without } from '../json.ts';
import type { KubeObject } from '../objects.ts';
import type { ResourceType } from '../resource-types.ts';

/** Built-in kinds whose changes of `spec` are counted. */
const COUNTED = new Set([
  'pods',
  'deployments.apps',
  'daemonsets.apps',
  'replicasets.apps',
  'poddisruptionbudgets.policy',
  'priorityclasses.scheduling.k8s.io',
  'customresourcedefinitions.apiextensions.k8s.io',
]);

export const countsGenerations = (type: ResourceType): boolean => type.custom || COUNTED.has(type.collection);

/** The part of an object whose change makes a new generation. */
function desired(type: ResourceType, object: KubeObject): unknown {
  if (!type.custom) return object.spec;
  const rest = without(object, 'metadata', 'apiVersion');
  return type.subresources.includes('status') ? without(rest, 'status') : rest;
}

/** Generation of an object that replaces another. */
export function nextGeneration(type: ResourceType, before: KubeObject, after: KubeObject): number | undefined {
  const current = before.metadata.generation;
  if (!countsGenerations(type)) return current;
  const beingDeleted = after.metadata.deletionTimestamp !== before.metadata.deletionTimestamp;
  return sameJson(desired(type, before), desired(type, after)) && !beingDeleted ? current : (current ?? 0) + 1;
}
