import { ComputeManagementClient } from '@azure/arm-compute';
import { ManagedServiceIdentityClient } from '@azure/arm-msi';
import { targetResourceId } from '../src/index.ts';
import { type Bench, newIdentity, newScaleSet, newVm, startBench } from './azure.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());

describe('the simulated ARM serves the unmodified SDKs', () => {
  const options = () => {
    const credential = { getToken: async () => ({ token: await bench.token(), expiresOnTimestamp: 4e12 }) };
    return [credential, bench.azure.state.subscriptionId, { endpoint: bench.azure.armUrl }] as const;
  };

  it.each(['operation', 'location'] as const)('through a long-running write followed by its %s', async (follow) => {
    Object.assign(bench.azure.control.arm, { updateMs: 20, follow });
    const target = newScaleSet(bench.azure);
    const { id } = newIdentity(bench.azure);
    const identity = { type: 'UserAssigned', userAssignedIdentities: { [id]: {} } } as const;
    const client = new ComputeManagementClient(...options());
    const { resourceGroup, name } = target;
    const after = await client.virtualMachineScaleSets.update(
      resourceGroup,
      name,
      { identity },
      { updateIntervalInMs: 5 },
    );
    expect(Object.keys(after.identity?.userAssignedIdentities ?? {})).toEqual([id]);
    expect(bench.azure.state.assignedTo(targetResourceId(target))).toEqual([id.toLowerCase()]);
  });

  it('with reads of VMs and identities', async () => {
    const { name, resourceGroup } = newVm(bench.azure, { systemAssigned: true });
    const vm = await new ComputeManagementClient(...options()).virtualMachines.get(resourceGroup, name);
    expect(vm.identity).toMatchObject({ type: 'SystemAssigned', tenantId: bench.azure.state.tenantId });
    const { clientId, id } = newIdentity(bench.azure);
    const found = await new ManagedServiceIdentityClient(...options()).userAssignedIdentities.get(
      'identities',
      id.split('/').at(-1) ?? '',
    );
    expect(found.clientId).toBe(clientId);
  });
});
