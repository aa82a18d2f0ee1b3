import type { AzureAssignedIdentity, AzureIdentity, AzureIdentityBinding } from '@aad-pod-identity/crd-types';
import { azureIdentity, azureIdentityBinding } from '@aad-pod-identity/testing';
import { aBinding, anIdentity, aPod, aRecord } from '../../test/objects.ts';
import type { Pod } from '../pod.ts';
import { assignedGrants } from './assigned.ts';
import { boundGrants } from './bound.ts';
import { type GrantState, nameOf } from './grant.ts';

interface Objects {
  readonly pod?: Pod;
  readonly identities?: readonly AzureIdentity[];
  readonly bindings?: readonly AzureIdentityBinding[];
  readonly records?: readonly AzureAssignedIdentity[];
  readonly forceNamespaced?: boolean;
  /** Namespaces that keep their identities to their own pods. */
  readonly keeping?: readonly string[];
}

const NAMESPACED = { 'aadpodidentity.k8s.io/Behavior': 'namespaced' };

function grantsOf(mode: 'standard' | 'managed', objects: Objects) {
  const { pod = aPod(), identities = [anIdentity()], bindings = [aBinding()], records = [] } = objects;
  const world = {
    bindingsBySelector: (selector: string) => bindings.filter(({ spec }) => spec.selector === selector),
    identity: (namespace: string, name: string) => identities.find((each) => nameOf(each) === `${namespace}/${name}`),
    recordsOf: (namespace: string, name: string) =>
      records.filter(({ spec }) => spec.podNamespace === namespace && spec.pod === name),
    forceNamespaced: objects.forceNamespaced ?? false,
    keepsIdentities: (namespace: string) => objects.keeping?.includes(namespace) ?? false,
  };
  return (mode === 'standard' ? assignedGrants(world) : boundGrants(world))(pod);
}

describe('what a pod is granted by its bindings', () => {
  it.each<[sentence: string, objects: Objects, granted: string[]]>([
    ['a binding whose selector is its label', {}, ['default/demo']],
    ['no label', { pod: { ...aPod(), labels: {} } }, []],
    ['an empty label and an empty selector', { pod: aPod({ label: '' }), bindings: [aBinding({ selector: '' })] }, []],
    ['a label in another case', { pod: aPod({ label: 'Demo' }) }, []],
    ['a binding of an identity that is not there', { identities: [] }, []],
    ['a binding in another namespace', { pod: aPod({ namespace: 'team' }) }, ['default/demo']],
    [
      'a binding in another namespace, namespaced by force',
      { pod: aPod({ namespace: 'team' }), forceNamespaced: true },
      [],
    ],
    [
      'a binding in another namespace, namespaced by the identity',
      { pod: aPod({ namespace: 'team' }), identities: [anIdentity({ annotations: NAMESPACED })] },
      [],
    ],
    [
      'a binding in another namespace, which keeps its identities',
      { pod: aPod({ namespace: 'team' }), keeping: ['default'] },
      [],
    ],
    [
      'a binding in another namespace, while its own keeps its identities',
      { pod: aPod({ namespace: 'team' }), keeping: ['team'] },
      ['default/demo'],
    ],
    ['a binding in its own namespace, which keeps its identities', { keeping: ['default'] }, ['default/demo']],
    ['a binding that names an identity of another namespace', { identities: [anIdentity({ namespace: 'team' })] }, []],
    ['a binding for other service accounts', { bindings: [aBinding({ spec: { serviceAccountNames: ['app'] } })] }, []],
    [
      'a binding for its service account',
      { pod: aPod({ serviceAccount: 'app' }), bindings: [aBinding({ spec: { serviceAccountNames: ['x', 'app'] } })] },
      ['default/demo'],
    ],
    [
      'two bindings',
      {
        identities: [anIdentity(), anIdentity({ name: 'two' })],
        bindings: [aBinding(), aBinding({ name: 'two', selector: 'demo' })],
      },
      ['default/demo', 'default/two'],
    ],
  ])('%s', (_, objects, granted) => {
    for (const mode of ['standard', 'managed'] as const) {
      expect(grantsOf(mode, objects).map(({ identity }) => nameOf(identity))).toEqual(granted);
    }
  });

  it('is usable at once in managed mode', () => {
    expect(grantsOf('managed', {})).toMatchObject([{ state: 'assigned' }]);
  });
});

describe('how far MIC has come with it', () => {
  const edited = azureIdentity({ spec: { resourceID: `${azureIdentity().spec.resourceID}-old` } });

  it.each<[sentence: string, record: AzureAssignedIdentity | undefined, state: GrantState]>([
    ['no record', undefined, 'expected'],
    ['a record in state Created', aRecord({ state: 'Created' }), 'created'],
    ['a record in state Assigned', aRecord({ state: 'Assigned' }), 'assigned'],
    ['a record in state Unassigned', aRecord({ state: 'Unassigned' }), 'expected'],
    [
      'a record of an old MIC, without a state',
      { ...aRecord(), status: { ...aRecord().status, status: '' } },
      'assigned',
    ],
    ['a record of another pod', aRecord({ pod: 'other' }), 'expected'],
    ['a record of a namesake elsewhere', aRecord({ podNamespace: 'team' }), 'expected'],
    ['a record by another binding', aRecord({ binding: azureIdentityBinding({ name: 'other' }) }), 'expected'],
    ['a record of another identity', aRecord({ identity: azureIdentity({ name: 'other' }) }), 'expected'],
    ['a record of what the identity was before', aRecord({ identity: edited }), 'expected'],
    [
      'a record without its binding',
      { ...aRecord(), spec: { ...aRecord().spec, azureBindingRef: undefined } },
      'expected',
    ],
  ])('%s', (_, record, state) => {
    expect(grantsOf('standard', { records: record === undefined ? [] : [record] })).toMatchObject([{ state }]);
  });

  it.each<[sentence: string, type: number, author: string, recorded: string, taken: string]>([
    ['MIC’s, where the author gave none', 0, '', 'known', 'known'],
    ['MIC’s, where the author names another', 0, 'somebody-else', 'known', 'known'],
    ['the author’s, where MIC has none', 0, 'own', '', 'own'],
    ['the author’s, for a service principal', 1, 'own', 'old', 'own'],
  ])('the client id is %s', (_, type, author, recorded, taken) => {
    const identity = azureIdentity({ spec: { type, clientID: recorded } });
    const [grant] = grantsOf('standard', {
      identities: [anIdentity({ spec: { type, clientID: author } })],
      records: [aRecord({ identity })],
    });
    expect(grant?.identity.spec.clientID).toBe(taken);
  });
});
