import fc from 'fast-check';
import {
  type KindName,
  type Read,
  readAzureAssignedIdentity,
  readAzureIdentity,
  readAzureIdentityBinding,
  readAzurePodIdentityException,
  respellPatch,
} from '../src/index.ts';

const ID = '/subscriptions/s/resourcegroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/n';

const identity = (spec: object) => ({ kind: 'AzureIdentity', metadata: { name: 'demo', namespace: 'ns' }, spec });
const binding = (spec: object) => ({ kind: 'AzureIdentityBinding', metadata: { name: 'demo', namespace: 'ns' }, spec });

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** JSON merge patch, as the API server applies it. */
function applied(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const result: Json = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(result, key);
    else result[key] = applied(result[key], value);
  }
  return result;
}

function patchOf(kind: KindName, object: object): unknown {
  const patch = respellPatch(kind, object);
  return patch.ok ? patch.value : patch.reason;
}

it.each<[string, KindName, object, object | undefined]>([
  [
    'the spelling of the walk-through',
    'AzureIdentity',
    identity({ type: 0, ResourceID: ID, ClientID: 'c' }),
    { spec: { ResourceID: null, ClientID: null, resourceID: ID, clientID: 'c' } },
  ],
  [
    'a Secret’s reference inside',
    'AzureIdentity',
    identity({ type: 1, tenantID: 't', clientPassword: { Name: 'n', namespace: 'x' } }),
    { spec: { clientPassword: { Name: null, name: 'n' } } },
  ],
  [
    'a Secret’s reference with its fields',
    'AzureIdentity',
    identity({ ClientPassword: { Name: 'n', Namespace: 'x', other: 1 } }),
    { spec: { ClientPassword: null, clientPassword: { name: 'n', namespace: 'x', other: 1 } } },
  ],
  [
    'two spellings: the canonical one stays',
    'AzureIdentityBinding',
    binding({ selector: 'a', Selector: 'b', AzureIdentity: 'i' }),
    { spec: { Selector: null, AzureIdentity: null, azureIdentity: 'i' } },
  ],
  ['a text for a number', 'AzureIdentity', identity({ Type: '1' }), { spec: { Type: null, type: 1 } }],
  ['a null under an old name', 'AzureIdentity', identity({ ClientID: null }), { spec: { ClientID: null } }],
  [
    'copies inside a record',
    'AzureAssignedIdentity',
    {
      kind: 'AzureAssignedIdentity',
      metadata: { name: 'r' },
      spec: { azureIdentityRef: identity({ ResourceID: ID }), AzureBindingRef: binding({ Selector: 's' }), pod: 'p' },
    },
    {
      spec: {
        azureIdentityRef: { spec: { ResourceID: null, resourceID: ID } },
        AzureBindingRef: null,
        azureBindingRef: binding({ selector: 's' }),
      },
    },
  ],
  [
    'an exception',
    'AzurePodIdentityException',
    { metadata: { name: 'e' }, spec: { PodLabels: { App: 'x' } } },
    { spec: { PodLabels: null, podLabels: { App: 'x' } } },
  ],
  [
    'nothing where every name is canonical',
    'AzureIdentity',
    identity({ type: 0, resourceID: ID, unknown: 1 }),
    undefined,
  ],
  [
    'nothing for labels, whatever they are called',
    'AzureIdentity',
    { ...identity({}), metadata: { Labels: {} } },
    undefined,
  ],
])('renames %s', (_case, kind, object, patch) => {
  expect(patchOf(kind, object)).toEqual(patch);
});

it('an object that cannot be read is left as it is', () => {
  expect(patchOf('AzureIdentity', identity({ ResourceID: [] }))).toMatch(/^spec\.resourceID: found a list/);
});

const KINDS: readonly [KindName, (input: unknown) => Read<unknown>, Json][] = [
  ['AzureIdentity', readAzureIdentity, { type: 1, resourceID: ID, clientID: 'c', clientPassword: { name: 'n' } }],
  ['AzureIdentityBinding', readAzureIdentityBinding, { azureIdentity: 'i', selector: 's', weight: 2 }],
  ['AzureAssignedIdentity', readAzureAssignedIdentity, { azureIdentityRef: identity({ type: 2 }), pod: 'p' }],
  ['AzurePodIdentityException', readAzurePodIdentityException, { podLabels: { a: 'b' } }],
];

const value = fc.oneof(
  fc.constantFrom<unknown>(null, '', '0', 1, 'text', {}, [], { name: 'a' }, { Name: 'b', namespace: '' }),
  fc.string(),
);
const spelled = (name: string): fc.Arbitrary<string> =>
  fc
    .array(fc.boolean(), { minLength: name.length, maxLength: name.length })
    .map((bits) => Array.from(name, (letter, at) => (bits[at] ? letter.toUpperCase() : letter)).join(''));

describe.each(KINDS)('of any %s', (kind, read, spec) => {
  const names = Object.keys(spec);
  const extra = fc.array(fc.tuple(fc.constantFrom(...names).chain(spelled), value), { maxLength: 6 });
  it('the meaning is the same after the renaming, and nothing is left to rename', () => {
    fc.assert(
      fc.property(extra, fc.subarray(names), (entries, kept) => {
        const own = kept.map((name) => [name, spec[name]] as const);
        const object = { kind, metadata: { name: 'x' }, spec: Object.fromEntries([...own, ...entries]) };
        const patch = respellPatch(kind, object);
        if (!patch.ok) return;
        const after = applied(object, patch.value ?? {});
        expect(read(after)).toEqual(read(object));
        expect(respellPatch(kind, after)).toEqual({ ok: true, value: undefined });
      }),
      { numRuns: 500 },
    );
  });
});
