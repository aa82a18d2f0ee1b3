import {
  type AzureIdentity,
  exceptionMatches,
  isNamespaced,
  isUserAssignedIdentityId,
  parseResourceId,
  readAzureIdentity,
  readAzureIdentityBinding,
  readAzurePodIdentityException,
  sameResourceId,
  selectorMatches,
  serviceAccountMatches,
  validateBinding,
  validateIdentity,
} from '../src/index.ts';

const ID = '/subscriptions/s/resourcegroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/n';

function identity(spec: object, metadata: object = {}): AzureIdentity {
  const read = readAzureIdentity({ metadata: { name: 'demo', ...metadata }, spec });
  if (!read.ok) throw new Error(read.reason);
  return read.value;
}

function binding(spec: object) {
  const read = readAzureIdentityBinding({ metadata: { name: 'demo' }, spec });
  if (!read.ok) throw new Error(read.reason);
  return read.value;
}

describe('the resource id of a user-assigned identity', () => {
  it.each([
    ['as documented', ID, true],
    ['as ARM writes it', ID.replace('resourcegroups', 'resourceGroups'), true],
    ['in upper case', ID.toUpperCase(), true],
    ['with dots, brackets and dashes in names', ID.replace('/n', '/my.id-(1)_x'), true],
    ['empty', '', false],
    ['a client id', '11111111-1111-1111-1111-111111111111', false],
    ['without the leading slash', ID.slice(1), false],
    ['of another resource type', ID.replace('userAssignedIdentities', 'systemAssignedIdentities'), false],
    ['with one part missing', '/subscriptions/s/resourcegroups/g', false],
    ['with one part too many', `${ID}/more`, false],
    ['with an empty name', ID.replace(/n$/, ''), false],
    ['with a space in the name', ID.replace(/n$/, 'a b'), false],
    ['with a query', `${ID}?x`, false],
  ])('%s', (_case, id, expected) => {
    expect(isUserAssignedIdentityId(id)).toBe(expected);
    expect(validateIdentity(identity({ resourceID: id })).length).toBe(expected ? 0 : 1);
  });

  it('has three parts', () => {
    expect(parseResourceId(ID)).toEqual({ subscriptionId: 's', resourceGroup: 'g', name: 'n' });
  });

  it('is the same in any case', () => {
    expect(sameResourceId(ID, ID.toUpperCase())).toBe(true);
    expect(sameResourceId(ID, `${ID}2`)).toBe(false);
  });
});

it.each([
  ['no annotation', {}, false],
  ['the annotation', { 'aadpodidentity.k8s.io/Behavior': 'namespaced' }, true],
  ['the annotation in another case', { 'aadpodidentity.k8s.io/behavior': 'Namespaced' }, true],
  ['another value', { 'aadpodidentity.k8s.io/Behavior': 'cluster' }, false],
])('an identity with %s is namespaced: %s', (_case, annotations, expected) => {
  expect(isNamespaced(identity({}, { annotations }))).toBe(expected);
});

it.each([
  ['equals the label', 'demo', 'demo', true],
  ['differs from the label in case', 'demo', 'Demo', false],
  ['is empty and so is the label', '', '', false],
  ['is empty and there is no label', '', undefined, false],
])('a selector that %s', (_case, selector, label, expected) => {
  expect(selectorMatches(binding({ selector }), label)).toBe(expected);
});

it('a binding without service accounts is for all of them, with some for those', () => {
  expect(serviceAccountMatches(binding({}), 'default')).toBe(true);
  expect(serviceAccountMatches(binding({ serviceAccountNames: ['app'] }), 'app')).toBe(true);
  expect(serviceAccountMatches(binding({ serviceAccountNames: ['app'] }), 'default')).toBe(false);
});

it.each([
  ['one of its labels is on the pod', { app: 'mic', other: 'x' }, { app: 'mic' }, true],
  ['the value differs in case only', { app: 'MIC' }, { app: 'mic' }, true],
  ['the value differs', { app: 'mic' }, { app: 'web' }, false],
  ['the pod has no labels', { app: 'mic' }, {}, false],
  ['it lists no label', {}, { app: 'mic' }, false],
])('an exception when %s', (_case, podLabels, labels, expected) => {
  const read = readAzurePodIdentityException({ spec: { podLabels } });
  expect(read.ok && exceptionMatches(read.value, labels)).toBe(expected);
});

describe('validation', () => {
  it('accepts what can work', () => {
    expect(validateIdentity(identity({ type: 0, resourceID: ID }))).toEqual([]);
    const clientPassword = { name: 'secret', namespace: 'default' };
    expect(validateIdentity(identity({ type: 1, clientID: 'c', tenantID: 't', clientPassword }))).toEqual([]);
    expect(validateBinding(binding({ azureIdentity: 'demo', selector: 'demo' }))).toEqual([]);
  });

  it('names the part of a resource id that is wrong', () => {
    expect(validateIdentity(identity({ resourceID: ID.replace('providers', 'provider') }))).toEqual([
      expect.stringContaining('spec.resourceID: found "provider" as part 5, allowed is /subscriptions/'),
    ]);
  });

  it('names everything that a service principal lacks', () => {
    const problems = validateIdentity(identity({ type: 1 }));
    expect(problems.map((line) => line.split(':')[0])).toEqual([
      'spec.clientID',
      'spec.tenantID',
      'spec.clientPassword.name',
      'spec.clientPassword.namespace',
    ]);
  });

  it('names what a binding lacks', () => {
    expect(validateBinding(binding({}))).toEqual([
      'spec.azureIdentity: found nothing, allowed is the name of an AzureIdentity',
      'spec.selector: found nothing, allowed is a value of the label aadpodidbinding',
    ]);
  });
});
