import { sameKey } from './ids.ts';
import type { ComputeResource } from './state.ts';

/** One machine with a metadata service: a VM, or an instance of a scale set. */
export interface Machine {
  /** What a node on it carries as `spec.providerID`. */
  readonly providerId: string;
  readonly name: string;
  readonly resource: ComputeResource;
}

export function vmMachine(resource: ComputeResource): Machine {
  return { providerId: `azure://${resource.id}`, name: resource.name, resource };
}

export function scaleSetMachines(resource: ComputeResource, instances: number): Machine[] {
  return Array.from({ length: instances }, (_, index) => ({
    providerId: `azure://${resource.id}/virtualMachines/${index}`,
    name: `${resource.name}${index.toString(36).toUpperCase().padStart(6, '0')}`,
    resource,
  }));
}

/** By resource id, providerID or name; a scale set's own id means its first instance. */
export function findMachine(machines: readonly Machine[], reference: string): Machine | undefined {
  const wanted = sameKey(reference);
  const names = ({ providerId, name, resource }: Machine): string[] => [providerId, name, resource.id];
  return machines.find((machine) => names(machine).some((known) => sameKey(known) === wanted));
}
