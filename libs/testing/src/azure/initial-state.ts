import type { AzureSimulator } from './simulator.ts';
import type { NewApp, NewCompute, NewIdentity } from './state.ts';

/** What Azure holds to begin with; the form of the `--state` file. */
export interface InitialState {
  readonly tenantId?: string;
  readonly subscriptionId?: string;
  readonly identities?: readonly NewIdentity[];
  readonly vms?: readonly NewCompute[];
  readonly scaleSets?: readonly (NewCompute & { readonly instances: number })[];
  readonly apps?: readonly NewApp[];
}

/** Identities come first, for a resource may hold them from the beginning. */
export function populate(azure: AzureSimulator, initial: InitialState): void {
  for (const identity of initial.identities ?? []) azure.addIdentity(identity);
  for (const vm of initial.vms ?? []) azure.addVm(vm);
  for (const scaleSet of initial.scaleSets ?? []) azure.addScaleSet(scaleSet);
  for (const app of initial.apps ?? []) azure.addApp(app);
}
