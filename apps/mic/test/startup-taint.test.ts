import { hasTaint, untaintPatch } from '../src/startup-taint/taint.ts';

const KEY = 'aadpodidentity.k8s.io/nmi-not-ready';
const ours = { key: KEY, value: 'true', effect: 'NoSchedule' };
const other = { key: 'other', effect: 'NoSchedule' };
const node = (...taints: object[]) => ({ spec: { taints } });

describe('the patch that takes the startup taint off', () => {
  it.each<[sentence: string, raw: object, patch: object[] | undefined]>([
    ['a node without taints', { spec: {} }, undefined],
    ['a node whose taints are null', { spec: { taints: null } }, undefined],
    ['a node with another’s', node(other), undefined],
    ['a node with one whose key only begins like it', node({ ...ours, key: `${KEY}-2` }), undefined],
    ['a node with its key in another case', node({ ...ours, key: KEY.toUpperCase() }), undefined],
    [
      'a node with it behind another’s',
      node(other, ours),
      [
        { op: 'test', path: '/spec/taints/1', value: ours },
        { op: 'remove', path: '/spec/taints/1' },
      ],
    ],
    [
      'a node with it twice, around another’s',
      node(ours, other, { ...ours, effect: 'NoExecute' }),
      [
        { op: 'test', path: '/spec/taints/2', value: { ...ours, effect: 'NoExecute' } },
        { op: 'remove', path: '/spec/taints/2' },
        { op: 'test', path: '/spec/taints/0', value: ours },
        { op: 'remove', path: '/spec/taints/0' },
      ],
    ],
  ])('of %s', (_sentence, raw, patch) => {
    expect(untaintPatch(raw, KEY)).toEqual(patch);
    expect(hasTaint(raw, KEY)).toBe(patch !== undefined);
  });

  it('is of no node where no key is given, also if a taint has none', () => {
    expect(untaintPatch(node({ effect: 'NoSchedule' }, { key: '', effect: 'NoSchedule' }), '')).toBeUndefined();
  });
});
