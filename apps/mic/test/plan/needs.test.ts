import { type Scene, sceneStores } from '../scene.ts';
import { viewTarget } from '../../src/world/target-view.ts';
import { placeOf, type Stores } from '../../src/world/stores.ts';

const keyOf = (stores: Stores, node = 'node-0'): string => placeOf(stores.nodes.get(node), node);

function viewOf(scene: Scene, { node = 'node-0', forceNamespaced = false } = {}) {
  const stores = sceneStores(scene);
  return viewTarget(keyOf(stores, node), stores, forceNamespaced);
}

const pairs = (scene: Scene, options = {}) =>
  viewOf(scene, options).needs.map(({ pod, identity }) =>
    [`${pod.namespace}/${pod.name}`, `${identity.metadata.namespace}/${identity.metadata.name}`].join(' has '),
  );
const reasons = (scene: Scene, options = {}) => viewOf(scene, options).notices.map(({ reason }) => reason);

const whole = { pods: [{}], identities: [{}], bindings: [{}] };
const behavior = { 'aadpodidentity.k8s.io/Behavior': 'namespaced' };

describe('which pods have which identities', () => {
  it.each<[string, Scene, string[]]>([
    [
      'a labelled pod, a binding that selects it and its identity make a pair',
      whole,
      ['default/demo has default/demo'],
    ],
    ['without a binding there is none', { ...whole, bindings: [] }, []],
    ['without the pod there is none', { ...whole, pods: [] }, []],
    ['a binding that selects another label gives nothing', { ...whole, bindings: [{ selector: 'other' }] }, []],
    ['an empty selector matches nothing', { ...whole, bindings: [{ selector: '' }] }, []],
    ['a succeeded pod has none', { ...whole, pods: [{ phase: 'Succeeded' }] }, []],
    ['a failed pod has none', { ...whole, pods: [{ phase: 'Failed' }] }, []],
    ['a pending pod has it', { ...whole, pods: [{ phase: 'Pending' }] }, ['default/demo has default/demo']],
    [
      'the binding may be in another namespace than the pod, with its identity',
      { pods: [{}], identities: [{ namespace: 'ids' }], bindings: [{ namespace: 'ids' }] },
      ['default/demo has ids/demo'],
    ],
    [
      'identities of one name in two namespaces are two',
      {
        pods: [{}],
        identities: [{ namespace: 'a' }, { namespace: 'b' }],
        bindings: [{ namespace: 'a' }, { namespace: 'b' }],
      },
      ['default/demo has a/demo', 'default/demo has b/demo'],
    ],
    [
      'two bindings of one identity make one pair',
      { ...whole, bindings: [{}, { name: 'second', identity: 'demo', selector: 'demo' }] },
      ['default/demo has default/demo'],
    ],
    [
      'pods of one name in two namespaces are two',
      {
        ...whole,
        pods: [
          { namespace: 'a', name: 'db-0' },
          { namespace: 'b', name: 'db-0' },
        ],
      },
      ['a/db-0 has default/demo', 'b/db-0 has default/demo'],
    ],
    [
      'a namespaced identity is for pods of its own namespace',
      { ...whole, pods: [{}, { namespace: 'other' }], identities: [{ annotations: behavior }] },
      ['default/demo has default/demo'],
    ],
    [
      'service accounts that a binding names are the only ones it serves',
      {
        ...whole,
        pods: [{ serviceAccount: 'app' }, { name: 'second' }],
        bindings: [{ spec: { serviceAccountNames: ['app'] } }],
      },
      ['default/demo has default/demo'],
    ],
  ])('%s', (_sentence, scene, expected) => {
    expect(pairs(scene)).toEqual(expected);
  });

  it('of two bindings of one identity the heavier is named, then the first by name', () => {
    const light = { name: 'a', identity: 'demo', selector: 'demo' };
    const heavy = { name: 'z', identity: 'demo', selector: 'demo', spec: { weight: 7 } };
    const bindingOf = (bindings: Scene['bindings']) =>
      viewOf({ ...whole, bindings: bindings ?? [] }).needs[0]?.binding.metadata.name;
    expect(bindingOf([light, heavy])).toBe('z');
    expect(bindingOf([{ ...light, name: 'b' }, light])).toBe('a');
  });

  it('when everything is namespaced, every identity is for pods of its own namespace', () => {
    const scene = { ...whole, pods: [{}, { namespace: 'other' }] };
    expect(pairs(scene, { forceNamespaced: true })).toEqual(['default/demo has default/demo']);
  });

  it('only pods of the nodes of one VM or scale set are looked at', () => {
    const set = (instance: number) => ({ name: 'set', instance });
    const nodes = [
      { name: 'a', scaleSet: set(0) },
      { name: 'b', scaleSet: set(1) },
      { name: 'c', vm: 'c' },
    ];
    const pods = ['a', 'b', 'c'].map((node) => ({ name: `on-${node}`, node }));
    const scene = { ...whole, nodes, pods };
    const names = (node: string) => viewOf(scene, { node }).needs.map(({ pod }) => pod.name);
    expect(names('a')).toEqual(['on-a', 'on-b']);
    expect(names('c')).toEqual(['on-c']);
  });
});

describe('why a binding gives nothing', () => {
  it.each<[string, Scene, string[]]>([
    ['the identity does not exist', { ...whole, identities: [] }, ['IdentityNotFound']],
    [
      'the identity is in another namespace than the binding',
      { ...whole, identities: [{ namespace: 'other' }] },
      ['IdentityNotFound'],
    ],
    ['the identity cannot be read', { ...whole, identities: [{ spec: { type: 7 } }] }, ['IdentityUnreadable']],
    ['its resource id is malformed', { ...whole, identities: [{ spec: { resourceID: 'x' } }] }, ['IdentityInvalid']],
    ['the node has no providerID yet', { ...whole, nodes: [{ providerID: '' }] }, ['NodeWithoutProviderID']],
    [
      'it is namespaced',
      { ...whole, pods: [{ namespace: 'x' }], identities: [{ annotations: behavior }] },
      ['OtherNamespace'],
    ],
    [
      'the service account is not listed',
      { ...whole, bindings: [{ spec: { serviceAccountNames: ['app'] } }] },
      ['ServiceAccountNotAllowed'],
    ],
    ['no binding selects its label', { ...whole, bindings: [] }, ['NoBinding']],
    [
      'none of several bindings lets it: the first says why',
      {
        ...whole,
        bindings: [
          { spec: { serviceAccountNames: ['app'] } },
          { name: 'second', identity: 'demo', selector: 'demo', spec: { serviceAccountNames: ['other'] } },
        ],
      },
      ['ServiceAccountNotAllowed'],
    ],
  ])('%s', (_sentence, scene, expected) => {
    expect(pairs(scene)).toEqual([]);
    expect(reasons(scene)).toEqual(expected);
  });

  it('a pod that one binding turns away and another serves is told nothing', () => {
    const bindings = [
      { spec: { serviceAccountNames: ['app'] } },
      { name: 'second', identity: 'demo', selector: 'demo' },
    ];
    expect(reasons({ ...whole, bindings })).toEqual([]);
  });

  it('where everything is namespaced, bindings of other namespaces are nothing to a pod that has its own', () => {
    const scene = {
      pods: [{}],
      identities: [{}],
      bindings: [{}, { namespace: 'other', identity: 'missing', selector: 'demo' }],
    };
    expect(reasons(scene, { forceNamespaced: true })).toEqual([]);
    expect(reasons(scene)).toEqual(['IdentityNotFound']);
  });

  it('a service principal needs no providerID of the node', () => {
    expect(pairs({ ...whole, nodes: [{ providerID: '' }], identities: [{ spec: { type: 1 } }] })).toHaveLength(1);
  });

  it('one bad identity keeps no other from the pod', () => {
    const identities = [{ name: 'bad', spec: { resourceID: '' } }, { name: 'good' }];
    const bindings = [
      { name: 'bad', selector: 'demo' },
      { name: 'good', selector: 'demo' },
    ];
    expect(pairs({ pods: [{}], identities, bindings })).toEqual(['default/demo has default/good']);
  });
});

describe('what keeps a pod from using what it is given', () => {
  it.each<[string, Scene, string[]]>([
    ['a pod on the network of its node is told so', { ...whole, pods: [{ hostNetwork: true }] }, ['HostNetwork']],
    ['where NMI runs nowhere, no node is blamed', whole, []],
    ['NMI runs on its node', { ...whole, nmi: ['node-0', 'node-1'] }, []],
    ['NMI runs on other nodes only', { ...whole, nmi: ['node-1'] }, ['NodeWithoutNMI']],
    [
      'a pod without an identity misses no NMI',
      { ...whole, bindings: [{ selector: 'other' }], nmi: ['node-1'] },
      ['NoBinding'],
    ],
  ])('%s', (_sentence, scene, expected) => {
    expect(reasons(scene)).toEqual(expected);
  });

  it('it is given all the same', () => {
    expect(pairs({ ...whole, pods: [{ hostNetwork: true }], nmi: ['node-1'] })).toHaveLength(1);
  });
});
