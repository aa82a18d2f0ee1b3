import fc from 'fast-check';
import {
  type Read,
  readAzureAssignedIdentity,
  readAzureIdentity,
  readAzureIdentityBinding,
  readAzurePodIdentityException,
  readMeta,
  validateBinding,
  validateIdentity,
} from '../src/index.ts';

const identity = {
  apiVersion: 'aadpodidentity.k8s.io/v1',
  kind: 'AzureIdentity',
  metadata: { name: 'demo', namespace: 'ns', labels: { a: 'b' }, annotations: {}, finalizers: ['f'] },
  spec: {
    type: 1,
    ResourceID: '/subscriptions/s/resourcegroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/n',
    ClientID: 'c',
    TenantId: 't',
    ClientPassword: { Name: 'secret', Namespace: 'default' },
    auxiliaryTenantIDs: ['x'],
    replicas: 1,
  },
  status: { conditions: [{ type: 'Ready', status: 'True', reason: 'r', message: 'm', lastTransitionTime: 't' }] },
};
const binding = {
  kind: 'AzureIdentityBinding',
  metadata: { name: 'demo', namespace: 'ns' },
  spec: { AzureIdentity: 'demo', Selector: 'demo', weight: '1', serviceAccountNames: ['sa'] },
};
const assigned = {
  kind: 'AzureAssignedIdentity',
  metadata: { name: 'p-ns-demo', namespace: 'default' },
  spec: { azureIdentityRef: identity, azureBindingRef: binding, pod: 'p', podNamespace: 'ns', nodename: 'n' },
  status: { status: 'Assigned', availableReplicas: 1 },
};
const exception = { kind: 'AzurePodIdentityException', metadata: { name: 'e' }, spec: { podLabels: { app: 'mic' } } };

const READERS: readonly [string, (input: unknown) => Read<unknown>, object][] = [
  ['readAzureIdentity', readAzureIdentity, identity],
  ['readAzureIdentityBinding', readAzureIdentityBinding, binding],
  ['readAzureAssignedIdentity', readAzureAssignedIdentity, assigned],
  ['readAzurePodIdentityException', readAzurePodIdentityException, exception],
  ['readMeta', readMeta, identity],
];

const anything = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withSet: true,
  withObjectString: true,
  withSparseArray: true,
  withTypedArray: true,
  withBoxedValues: true,
});

interface Mutation {
  readonly at: number;
  readonly to: 'value' | 'missing' | 'upper' | 'lower' | 'twice' | 'text';
  readonly value: unknown;
}

const fromJson = (text: string): unknown => JSON.parse(text);

const mutation: fc.Arbitrary<Mutation> = fc.record({
  at: fc.nat(200),
  to: fc.constantFrom('value', 'missing', 'upper', 'lower', 'twice', 'text'),
  value: fc.oneof(
    fc.constantFrom('null', '""', '"0"', '1', '-1', '1e300', '[]', '[null]', '{}', 'true', '"{}"').map(fromJson),
    anything,
  ),
});

interface Place {
  readonly holder: Record<string, unknown>;
  readonly key: string;
}

function places(value: unknown): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  // only plain objects and lists are changed from inside: the setters of others may throw
  if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) return [];
  const holder = value as Record<string, unknown>;
  return Object.keys(holder).flatMap((key) => [{ holder, key }, ...places(holder[key])]);
}

function mutate(object: object, { at, to, value }: Mutation): void {
  const all = places(object);
  const place = all[at % Math.max(1, all.length)];
  if (place === undefined) return;
  const { holder, key } = place;
  const old = holder[key];
  if (to === 'twice') Reflect.set(holder, key.toUpperCase(), value);
  else if (to === 'value') Reflect.set(holder, key, value);
  else if (to === 'text') Reflect.set(holder, key, 'text of something');
  else Reflect.deleteProperty(holder, key);
  if (to === 'upper') Reflect.set(holder, key.toUpperCase(), old);
  if (to === 'lower') Reflect.set(holder, key.toLowerCase(), old);
}

const throwing = new Proxy(
  {},
  {
    ownKeys: () => {
      throw new Error('no keys');
    },
  },
);

describe.each(READERS)('%s', (_name, read, valid) => {
  const expectSound = (input: unknown): void => {
    const first = read(input);
    if (!first.ok) {
      expect(first.reason).toMatch(/^[^\n]+: found [^\n]+, allowed is [^\n]+$/);
      return;
    }
    const value = read === readMeta ? { metadata: first.value } : first.value;
    expect(read(value)).toEqual(first);
  };

  it('never throws whatever it is given, and reads its own result again as the same', () => {
    fc.assert(fc.property(anything, expectSound), { numRuns: 300 });
  });

  it('never throws on a valid object in which anything was changed, and reads its own result again as the same', () => {
    const mangled = fc.array(mutation, { minLength: 1, maxLength: 6 }).map((mutations) => {
      const object = structuredClone(valid);
      for (const one of mutations) mutate(object, one);
      return object;
    });
    fc.assert(fc.property(mangled, expectSound), { numRuns: 1000 });
  });

  it('gives a reason for an object whose properties cannot even be listed', () => {
    expect(read(read === readMeta ? { metadata: throwing } : throwing)).toEqual({
      ok: false,
      reason: 'object: found something that cannot be read, allowed is an object',
    });
  });
});

it('whatever the case of each field, the same value comes out', () => {
  const flip = (key: string, bits: readonly boolean[]) =>
    Array.from(key, (letter, index) => (bits[index % bits.length] ? letter.toUpperCase() : letter.toLowerCase())).join(
      '',
    );
  const respell = (value: unknown, bits: readonly boolean[]): unknown =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [flip(key, bits), respell(inner, bits)]))
      : value;
  const bitsOfAnyLength = fc.array(fc.boolean(), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(bitsOfAnyLength, (bits) => {
      const spec = respell(identity.spec, bits);
      expect(readAzureIdentity({ ...identity, spec })).toEqual(readAzureIdentity(identity));
    }),
  );
});

it('validation never throws on what a reader gave', () => {
  const input = fc.array(mutation, { maxLength: 6 });
  fc.assert(
    fc.property(input, (mutations) => {
      const object = structuredClone(identity);
      for (const one of mutations) mutate(object, one);
      const read = readAzureIdentity(object);
      if (read.ok) validateIdentity(read.value);
      const bound = readAzureIdentityBinding({ ...object, kind: null });
      if (bound.ok) validateBinding(bound.value);
    }),
  );
});
