import { parseProviderId, type ResourceIdentities, targetKey, targetResourceId } from '../src/index.ts';
import { identityPatch } from '../src/identity-patch.ts';
import { namedIds } from '../src/named-ids.ts';

const id = (name: string): string =>
  `/subscriptions/s1/resourcegroups/g1/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`;

describe('a providerID', () => {
  const vm = { kind: 'vm', subscriptionId: 's', resourceGroup: 'g', name: 'n' };
  it.each([
    ['of a VM', 'azure:///subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/n', vm],
    ['in any case', 'AZURE:///SUBSCRIPTIONS/s/RESOURCEGROUPS/g/PROVIDERS/MICROSOFT.COMPUTE/VIRTUALMACHINES/n', vm],
    [
      'of an instance of a scale set',
      'azure:///subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachineScaleSets/n/virtualMachines/7',
      { ...vm, kind: 'vmss' },
    ],
    ['that is empty', '', undefined],
    ['of another cloud', 'aws:///eu-west-1a/i-0123', undefined],
    [
      'of a scale set without an instance',
      'azure:///subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachineScaleSets/n',
      undefined,
    ],
    [
      'with a part missing',
      'azure:///subscriptions//resourceGroups/g/providers/Microsoft.Compute/virtualMachines/n',
      undefined,
    ],
  ])('%s', (_, providerId, target) => {
    expect(parseProviderId(providerId)).toEqual(target);
  });

  it('gives one key per resource, whatever its case', () => {
    const upper = { kind: 'vm', subscriptionId: 'S', resourceGroup: 'G', name: 'N' } as const;
    const lower = { kind: 'vm', subscriptionId: 's', resourceGroup: 'g', name: 'n' } as const;
    expect(targetKey(upper)).toBe(targetKey(lower));
    expect(targetResourceId(upper)).toBe(
      '/subscriptions/S/resourceGroups/G/providers/Microsoft.Compute/virtualMachines/N',
    );
    expect(targetKey({ ...upper, kind: 'vmss' })).not.toBe(targetKey(upper));
  });
});

describe('a patch', () => {
  const current = (names: string[], systemAssigned = false): ResourceIdentities => ({
    type: '',
    systemAssigned,
    userAssigned: new Map(names.map((name) => [id(name).toLowerCase(), { id: id(name) }])),
    provisioningState: 'Succeeded',
  });
  it.each([
    [
      'assigns with {} ',
      { add: [id('a')], remove: [], current: current([]) },
      { type: 'UserAssigned', userAssignedIdentities: { [id('a')]: {} } },
    ],
    [
      'removes with null, in the spelling of ARM',
      { add: [], remove: [id('A').toUpperCase()], current: current(['a', 'b']) },
      { type: 'UserAssigned', userAssignedIdentities: { [id('a')]: null } },
    ],
    ['names nothing when nothing is left', { add: [], remove: [id('a')], current: current(['a']) }, { type: 'None' }],
    [
      'keeps the system-assigned identity',
      { add: [], remove: [id('a')], current: current(['a'], true) },
      { type: 'SystemAssigned' },
    ],
    [
      'keeps the system-assigned identity beside others',
      { add: [id('b')], remove: [], current: current(['a'], true) },
      { type: 'SystemAssigned, UserAssigned', userAssignedIdentities: { [id('b')]: {} } },
    ],
    [
      'does not remove what is to be assigned, in whatever case',
      { add: [id('a')], remove: [id('a').toUpperCase()], current: current(['a']) },
      { type: 'UserAssigned', userAssignedIdentities: { [id('a')]: {} } },
    ],
    [
      'does not name removals that are not there',
      { add: [id('b')], remove: [id('x')], current: current([]) },
      { type: 'UserAssigned', userAssignedIdentities: { [id('b')]: {} } },
    ],
  ])('%s', (_, change, patch) => {
    expect(identityPatch(change)).toEqual(patch);
  });
});

describe('the ids in an error text', () => {
  const a = id('a.b_(c)-d');
  it.each([
    ['in single quotes', `the linked scope(s) '${a}' are invalid`, [a]],
    ['several in one pair of quotes', `scope(s) '${a},${id('e')}' (respectively)`, [a, id('e')]],
    ['in JSON inside quotes', `Response: '{"error":{"message":"Resource '${a}' was not found."}}'.`, [a]],
    ['in escaped JSON', JSON.stringify(JSON.stringify({ message: `Resource '${a}'` })), [a]],
    ['in another case', `'${a.toUpperCase()}'`, [a]],
    ['twice', `'${a}' and again '${a}'`, [a]],
    [
      'beside other resources',
      `client 'x' on scope '/subscriptions/s1/resourcegroups/g1/providers/Microsoft.Compute/virtualMachines/v'`,
      [],
    ],
    ['that was sent malformed', `Property id 'not-an-id' at path 'identity'`, ['not-an-id']],
    ['not at all', 'it failed', []],
  ])('%s', (_, text, expected) => {
    expect(namedIds(text, [a, 'not-an-id'])).toEqual(expected.map((each) => each.toLowerCase()));
  });
});
