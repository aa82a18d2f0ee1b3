import type { AzureIdentityBindingOptions } from '@aad-pod-identity/testing';
import { bindingNotices, type BindingScene } from '../../src/plan/binding-notices.ts';
import { bindingValue, identityView } from '../scene.ts';

const readable = (options: AzureIdentityBindingOptions = {}) => {
  const value = bindingValue(options);
  return { namespace: value.metadata.namespace, name: value.metadata.name, value };
};
const accounts = (...serviceAccountNames: string[]) => ({ spec: { serviceAccountNames } });
const other = (options: AzureIdentityBindingOptions = {}) =>
  bindingValue({ name: 'another', identity: 'demo', selector: 'demo', ...options });

const whole: BindingScene = { binding: readable(), identity: identityView(), others: [], hasMatched: true };
const reasons = (scene: Partial<BindingScene>) => bindingNotices({ ...whole, ...scene }).map(({ reason }) => reason);

describe('what is wrong with a binding whatever the pod', () => {
  it.each<[string, Partial<BindingScene>, string[]]>([
    ['nothing', {}, []],
    [
      'it cannot be read',
      { binding: { namespace: 'default', name: 'demo', uid: 'u', problem: 'no' } },
      ['BindingUnreadable'],
    ],
    ['it has no selector', { binding: readable({ selector: '' }) }, ['BindingInvalid']],
    ['it names no identity', { binding: readable({ identity: '' }) }, ['BindingInvalid']],
    ['its identity does not exist', { identity: undefined }, ['IdentityNotFound']],
    ['its identity cannot be read', { identity: identityView({ spec: { type: 7 } }) }, ['IdentityUnreadable']],
    ['its identity is malformed', { identity: identityView({ spec: { resourceID: 'x' } }) }, ['IdentityInvalid']],
    ['what a service principal lacks is not MIC’s matter', { identity: identityView({ spec: { type: 1 } }) }, []],
    ['no pod ever carried its label', { hasMatched: false }, ['SelectorMatchesNothing']],
    ['both at once', { hasMatched: false, identity: undefined }, ['IdentityNotFound', 'SelectorMatchesNothing']],
    ['another that comes first by name does the same', { others: [other()] }, ['DuplicateBinding']],
    ['another that comes later by name does the same', { others: [other({ name: 'z' })] }, []],
    [
      'another that is heavier does the same',
      { others: [other({ name: 'z', spec: { weight: 1 } })] },
      ['DuplicateBinding'],
    ],
    ['another selects other pods', { others: [other({ selector: 'x' })] }, []],
    ['another serves only some service accounts', { others: [other(accounts('app'))] }, []],
    [
      'another serves all of its service accounts',
      { binding: readable(accounts('app')), others: [other(accounts('app', 'job'))] },
      ['DuplicateBinding'],
    ],
    [
      'another serves other service accounts',
      { binding: readable(accounts('app')), others: [other(accounts('job'))] },
      [],
    ],
  ])('%s', (_sentence, scene, expected) => {
    expect(reasons(scene)).toEqual(expected);
  });

  it('nothing is said of one that is being deleted', () => {
    const binding = readable();
    const value = {
      ...binding.value,
      metadata: { ...binding.value.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' },
    };
    expect(reasons({ binding: { ...binding, value }, identity: undefined })).toEqual([]);
  });

  it('is said of the binding, by its uid', () => {
    const [notice] = bindingNotices({ ...whole, identity: undefined });
    expect(notice?.binding).toEqual({ namespace: 'default', name: 'demo', uid: 'uid-default-demo' });
  });
});
