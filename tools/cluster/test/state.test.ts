import { USUAL_PORTS } from '../src/plan/cluster-plan.ts';
import { fullOptions, optionsDigest, type ClusterOptions } from '../src/plan/options.ts';
import { decideUp, parseState, type ClusterState } from '../src/plan/state.ts';

const options = (changes: Partial<ClusterOptions> = {}) => fullOptions({ profile: 'control-plane', ...changes });

const state = (changes: Partial<ClusterState> = {}): ClusterState => ({
  ...{ format: 1, phase: 'up', options: options(), bootId: 'boot' },
  ...{ address: '127.0.0.1', ports: USUAL_PORTS },
  ...changes,
});

describe('what `up` does with what it finds', () => {
  const cases: Record<string, [Parameters<typeof decideUp>, kind: string]> = {
    'nothing: it starts': [[undefined, options(), false], 'start'],
    'a cluster of the same options: only what does not run': [[state(), options(), false], 'heal'],
    'a start that was interrupted: it goes first': [[state({ phase: 'starting' }), options(), false], 'replace'],
    'other options: it goes first': [[state(), options({ scheduler: true }), false], 'replace'],
    'another version of Kubernetes: it goes first': [[state(), options({ kubernetes: '1.37' }), false], 'replace'],
    'a cluster where a fresh one is wanted: it goes first': [[state(), options(), true], 'replace'],
    'what it cannot read: it goes first': [['unreadable', options(), false], 'replace'],
  };
  it.each(Object.entries(cases))('%s', (_name, [args, kind]) => {
    expect(decideUp(...args).kind).toBe(kind);
  });
});

describe('a state file', () => {
  it('is read as it was written', () => {
    expect(parseState(JSON.stringify(state()))).toEqual(state());
  });
  const cases: Record<string, string> = {
    'cut short': JSON.stringify(state()).slice(0, 40),
    'of another format': JSON.stringify({ ...state(), format: 2 }),
    'of an unknown profile': JSON.stringify({ ...state(), options: { ...options(), profile: 'other' } }),
    'without one of its ports': JSON.stringify({ ...state(), ports: { ...USUAL_PORTS, etcd: undefined } }),
    'that holds null': 'null',
  };
  it.each(Object.entries(cases))('%s is not read', (_name, text) => {
    expect(parseState(text)).toBeUndefined();
  });
});

it('options that are named in another order are the same options', () => {
  const [a, b] = [options({ featureGates: { A: true, B: true } }), options({ featureGates: { B: true, A: true } })];
  expect(optionsDigest(a)).toBe(optionsDigest(b));
  expect(optionsDigest(a)).not.toBe(optionsDigest(options({ featureGates: { A: false, B: true } })));
});
