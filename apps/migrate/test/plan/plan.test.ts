import { azureIdentity, azureIdentityBinding } from '@aad-pod-identity/testing';
import { planMigration } from '../../src/plan/plan.ts';
import { workload } from '../objects.ts';
import { worldOf } from '../world.ts';

const everywhere = { forceNamespaced: false, namespace: '' };
const web = workload({ label: 'demo' });

it('what cannot be read is told of by name, for the whole cluster', () => {
  const objects = [azureIdentity({ spec: { type: 9 } }), { ...azureIdentityBinding(), spec: { selector: [] } }, web];
  expect(planMigration(worldOf(...objects), everywhere).notes).toEqual([
    expect.stringMatching(/^AzureIdentity default\/demo cannot be read: spec\.type/) as string,
    expect.stringMatching(/^AzureIdentityBinding default\/demo cannot be read: spec\.selector/) as string,
  ]);
});
