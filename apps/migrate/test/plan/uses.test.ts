import { azureIdentity, azureIdentityBinding } from '@aad-pod-identity/testing';
import { nameOf, usesOf } from '../../src/plan/uses.ts';
import { type Raw, worldOf } from '../world.ts';

type Objects = readonly Raw[];

const caller = { namespace: 'default', label: 'demo', serviceAccount: 'runner' };
const annotations = { 'aadpodidentity.k8s.io/Behavior': 'namespaced' };
const oldSpelling = { ...azureIdentityBinding(), spec: { AzureIdentity: 'demo', Selector: 'demo' } };
const elsewhere = [azureIdentity({ namespace: 'other' }), azureIdentityBinding({ namespace: 'other' })] as const;

function found(objects: Objects, forceNamespaced = false) {
  const { uses, refused } = usesOf(caller, { ...worldOf(...objects), forceNamespaced });
  return { uses: uses.map(({ identity }) => nameOf(identity)), refused };
}

it.each<[string, Objects, string[]]>([
  ['a binding of the label gives its identity', [azureIdentity(), azureIdentityBinding()], ['default/demo']],
  ['so it does in the old spelling', [azureIdentity(), oldSpelling], ['default/demo']],
  ['a binding of another label gives nothing', [azureIdentity(), azureIdentityBinding({ selector: 'Demo' })], []],
  [
    'a binding of another namespace gives its own namespace’s identity',
    [azureIdentity({ name: 'demo' }), ...elsewhere],
    ['other/demo'],
  ],
  [
    'the heaviest comes first, then the name decides, whatever came first',
    [
      ...['c', 'b', 'a'].map((name) => azureIdentity({ name })),
      azureIdentityBinding({ name: 'c', selector: 'demo' }),
      azureIdentityBinding({ name: 'b', selector: 'demo' }),
      azureIdentityBinding({ name: 'a', selector: 'demo', spec: { weight: -1 } }),
    ],
    ['default/b', 'default/c', 'default/a'],
  ],
  [
    'two bindings to one identity give it once',
    [
      azureIdentity(),
      azureIdentityBinding(),
      azureIdentityBinding({ name: 'again', identity: 'demo', selector: 'demo' }),
    ],
    ['default/demo'],
  ],
  [
    'a binding that lists the service account gives its identity',
    [azureIdentity(), azureIdentityBinding({ spec: { serviceAccountNames: ['runner'] } })],
    ['default/demo'],
  ],
])('%s', (_sentence, objects, expected) => {
  expect(found(objects)).toEqual({ uses: expected, refused: [] });
});

it.each<[string, Objects, boolean, string]>([
  [
    'lists other service accounts',
    [azureIdentity(), azureIdentityBinding({ spec: { serviceAccountNames: ['other'] } })],
    false,
    'binding default/demo does not list the service account runner',
  ],
  [
    'names an identity that is kept to another namespace',
    [azureIdentity({ namespace: 'other', annotations }), elsewhere[1]],
    false,
    'binding other/demo names other/demo, which is kept to namespace other',
  ],
  [
    'is of another namespace, where all are kept to their own',
    [...elsewhere],
    true,
    'binding other/demo names other/demo, which is kept to namespace other',
  ],
  [
    'names an identity that is not there',
    [azureIdentity({ namespace: 'other' }), azureIdentityBinding()],
    false,
    'binding default/demo names AzureIdentity demo, which is not in its namespace',
  ],
  [
    'names an identity that cannot be read',
    [azureIdentity({ spec: { type: 7 } }), azureIdentityBinding()],
    false,
    'binding default/demo names default/demo, which cannot be read: spec.type: found 7, allowed is a whole number from 0 to 2',
  ],
])('a binding gives nothing that %s', (_sentence, objects, forceNamespaced, refused) => {
  expect(found(objects, forceNamespaced)).toEqual({ uses: [], refused: [refused] });
});
