import { LEGACY_FINALIZER } from '@aad-pod-identity/crd-types';
import { identityResourceId } from '@aad-pod-identity/testing';
import type { Need } from '../../src/plan/need.ts';
import { planTarget, type TargetPlanInput } from '../../src/plan/target-plan.ts';
import { bindingValue, identityValue, podView, recordView } from '../scene.ts';

const idOf = (name: string): string => identityResourceId(name);
const armIdOf = (name: string): string => idOf(name).toLowerCase();

function need(identity: string, pod = 'demo', node = 'node-0'): Need {
  return {
    pod: podView({ name: pod, node }),
    identity: identityValue({ name: identity }),
    binding: bindingValue({ name: identity }),
  };
}

const presentIds = (...names: string[]) =>
  new Map(names.map((name) => [armIdOf(name), { id: idOf(name).toUpperCase(), clientId: `client-${name}` }]));

function plan(input: Partial<TargetPlanInput>) {
  return planTarget({
    needs: [],
    records: [],
    present: new Map(),
    ledger: new Set(),
    namespaceOf: () => 'default',
    isTaken: () => false,
    isFinal: true,
    isUnderWay: false,
    isProtected: () => false,
    isResting: () => false,
    faultOf: () => undefined,
    ...input,
  });
}

function identityOf(name: string) {
  const { identity, binding } = need(name);
  return { identity: { ...identity }, binding: { ...binding } } as unknown as Parameters<typeof recordView>[0];
}

const record = (identity: string, options: Parameters<typeof recordView>[0] = {}) =>
  recordView({ ...identityOf(identity), ...options });

function summary(planned: ReturnType<typeof plan>) {
  const { records, add, remove, ledger } = planned;
  return {
    create: records.create.map(({ name, status }) => `${name} ${status.state}`),
    update: records.update.map(({ record: { name }, extent, status }) => `${name} ${extent} ${status.state}`),
    drop: records.drop.map(({ name }) => name),
    hold: records.hold.map(({ name }) => name),
    add,
    remove,
    ledger: [...ledger],
  };
}

const nothing = { create: [], update: [], drop: [], hold: [], add: [], remove: [], ledger: [] };

describe('the plan for one VM or scale set', () => {
  it.each<[string, Partial<TargetPlanInput>, Partial<ReturnType<typeof summary>>]>([
    ['is empty where nothing is needed and nothing is there', {}, {}],
    [
      'records the pair, then assigns its identity, and takes note first that it is ours',
      { needs: [need('a')] },
      { create: ['demo-default-a Created'], add: [idOf('a')], ledger: [armIdOf('a')] },
    ],
    [
      'writes nothing to ARM for an identity that is there, in whatever case: Assigned at once, and not ours',
      { needs: [need('a')], present: presentIds('a') },
      { create: ['demo-default-a Assigned'] },
    ],
    [
      'says Assigned of what was Created once it is there',
      { needs: [need('a')], records: [record('a', { state: 'Created' })], present: presentIds('a') },
      { update: ['demo-default-a status Assigned'] },
    ],
    [
      'is empty in the steady state',
      { needs: [need('a')], records: [record('a')], present: presentIds('a'), ledger: new Set([armIdOf('a')]) },
      { ledger: [armIdOf('a')] },
    ],
    [
      'takes off what nobody needs any more, and keeps its record until it is off',
      { records: [record('a')], present: presentIds('a'), ledger: new Set([armIdOf('a')]) },
      { hold: ['demo-default-a'], remove: [idOf('a').toUpperCase()], ledger: [armIdOf('a')] },
    ],
    [
      'drops the record of what is off',
      { records: [record('a')], ledger: new Set([armIdOf('a')]) },
      { drop: ['demo-default-a'] },
    ],
    [
      'never takes off what was there before: its record only goes',
      { records: [record('a')], present: presentIds('a') },
      { drop: ['demo-default-a'] },
    ],
    [
      'never takes off what is protected',
      { records: [record('a')], present: presentIds('a'), ledger: new Set([armIdOf('a')]), isProtected: () => true },
      { drop: ['demo-default-a'], ledger: [armIdOf('a')] },
    ],
    [
      'keeps an identity that another pod needs, and drops the record of the pod that is gone',
      {
        needs: [need('a', 'other')],
        records: [record('a'), record('a', { pod: 'other' })],
        present: presentIds('a'),
        ledger: new Set([armIdOf('a')]),
      },
      { drop: ['demo-default-a'], ledger: [armIdOf('a')] },
    ],
    [
      'puts back what somebody took off, and lets the record say Assigned meanwhile',
      { needs: [need('a')], records: [record('a')], ledger: new Set([armIdOf('a')]) },
      { add: [idOf('a')], ledger: [armIdOf('a')] },
    ],
    [
      'leaves an identity that rests after a failure alone, and says why',
      {
        needs: [need('a'), need('b')],
        isResting: (armId) => armId === armIdOf('a'),
        faultOf: (armId) => (armId === armIdOf('a') ? { reason: 'Refused', message: 'no' } : undefined),
      },
      {
        create: ['demo-default-a Created', 'demo-default-b Created'],
        add: [idOf('b')],
        ledger: [armIdOf('b')],
      },
    ],
    [
      'writes nothing to ARM while it does not know what is there, but records',
      { needs: [need('a')], present: undefined, ledger: new Set([armIdOf('x')]) },
      { create: ['demo-default-a Created'], ledger: [armIdOf('x')] },
    ],
    [
      'keeps the record of what may have to be taken off while it does not know what is there',
      { records: [record('x')], present: undefined, ledger: new Set([armIdOf('x')]) },
      { hold: ['demo-default-x'], ledger: [armIdOf('x')] },
    ],
    [
      'does not take Assigned back while it does not know what is there',
      {
        needs: [need('a')],
        records: [record('a')],
        present: undefined,
        faultOf: () => ({ reason: 'ArmUnreachable', message: 'no answer' }),
      },
      {},
    ],
    [
      'forgets nothing that may yet come by a write of ours that nobody waits for',
      { records: [record('a')], ledger: new Set([armIdOf('a')]), isFinal: false },
      { drop: ['demo-default-a'], ledger: [armIdOf('a')] },
    ],
    [
      'writes nothing to ARM while such a write is under way, and still records',
      {
        needs: [need('b')],
        records: [record('a')],
        present: presentIds('a'),
        ledger: new Set([armIdOf('a')]),
        isFinal: false,
        isUnderWay: true,
      },
      { create: ['demo-default-b Created'], hold: ['demo-default-a'], ledger: [armIdOf('a')] },
    ],
    [
      'does not call an identity usable that Azure lists without its ids: it was deleted there',
      { needs: [need('a')], records: [record('a')], present: new Map([[armIdOf('a'), { id: idOf('a') }]]) },
      { update: ['demo-default-a status Created'] },
    ],
    [
      'updates the record of a pod that came back on another node in place',
      { needs: [need('a', 'demo', 'node-1')], records: [record('a')], present: presentIds('a') },
      { update: ['demo-default-a content Assigned'] },
    ],
    [
      'replaces a record that names no identity',
      { needs: [need('a')], records: [record('a', { pod: '' })], present: presentIds('a') },
      {
        create: ['demo-default-a Assigned'],
        drop: ['-default-a'],
      },
    ],
    [
      'gives a pair its own name where the plain one is taken by another',
      { needs: [need('a')], present: presentIds('a'), isTaken: (_namespace, name) => name === 'demo-default-a' },
      { create: [expect.stringMatching(/^demo-default-a-[0-9a-f]{12} Assigned$/) as string] },
    ],
  ])('%s', (_sentence, input, expected) => {
    expect(summary(plan(input))).toEqual({ ...nothing, ...expected });
  });

  it('takes identities that 1.8.17 assigned for its own: they go with their last pod', () => {
    const old = { ...record('a'), finalizers: [LEGACY_FINALIZER] };
    expect(summary(plan({ records: [old], present: presentIds('a') }))).toMatchObject({
      remove: [idOf('a').toUpperCase()],
      ledger: [armIdOf('a')],
    });
    const needed = plan({ needs: [need('a')], records: [old], present: presentIds('a') });
    expect(summary(needed)).toEqual({ ...nothing, ledger: [armIdOf('a')] });
  });

  it('serves two pairs whose plain names are one: a-b of c and a of b-c', () => {
    const pods = [podView({ name: 'a-b', namespace: 'c' }), podView({ name: 'a', namespace: 'b-c' })];
    const needs = pods.map((pod) => ({ ...need('x'), pod }));
    const { create } = summary(plan({ needs }));
    expect(create[0]).toBe('a-b-c-x Created');
    expect(create[1]).toMatch(/^a-b-c-x-[0-9a-f]{12} Created$/);
  });

  it('fills in the client id that the user left out, and never takes it back', () => {
    const identity = identityValue({ name: 'a', spec: { clientID: '' } });
    const needs = [{ ...need('a'), identity }];
    const present = new Map([[armIdOf('a'), { id: idOf('a'), clientId: 'known' }]]);
    const [created] = plan({ needs, present }).records.create;
    expect(created?.need.identity.spec.clientID).toBe('known');
    const filled = { ...record('a'), identity: { ...identity, spec: { ...identity.spec, clientID: 'known' } } };
    expect(summary(plan({ needs, records: [filled], present: undefined }))).toEqual(nothing);
  });

  it('records the client id that Azure knows, and tells of the one that contradicts it', () => {
    const identity = identityValue({ name: 'a', spec: { clientID: 'client-of-somebody-else' } });
    const needs = [{ ...need('a'), identity }];
    const records = [recordView({ ...identityOf('a'), state: 'Created' })];
    const [changed] = plan({ needs, records, present: presentIds('a') }).records.update;
    expect(changed).toMatchObject({ extent: 'status', need: { identity: { spec: { clientID: 'client-a' } } } });
    expect(changed?.status).toMatchObject({ state: 'Assigned', reason: 'ClientIDMismatch' });
    expect(changed?.status.message).not.toContain('somebody');
  });

  it('does not put the author’s client id into a usable record, not even while Azure is away', () => {
    const annotations = { note: 'edited' };
    const identity = identityValue({ name: 'a', annotations, spec: { clientID: 'client-of-somebody-else' } });
    const needs = [{ ...need('a', 'demo', 'node-1'), identity }];
    const [changed] = plan({ needs, records: [record('a')], present: undefined }).records.update;
    expect(changed).toMatchObject({ extent: 'content', need: { identity: { spec: { clientID: 'client-a' } } } });
  });

  it('changes nothing for an edit of metadata', () => {
    const edited = identityValue({ name: 'a', labels: { team: 'x' }, annotations: { note: 'y' } });
    const needs = [{ ...need('a'), identity: edited }];
    expect(summary(plan({ needs, records: [record('a')], present: presentIds('a') }))).toEqual(nothing);
  });

  it('rewrites the record of an identity that was edited, takes the old one off and assigns the new one', () => {
    const identity = identityValue({ name: 'a', spec: { resourceID: idOf('new') } });
    const needs = [{ ...need('a'), identity }];
    const ledger = new Set([armIdOf('a')]);
    expect(summary(plan({ needs, records: [record('a')], present: presentIds('a'), ledger }))).toMatchObject({
      update: ['demo-default-a content Created'],
      add: [idOf('new')],
      remove: [idOf('a').toUpperCase()],
    });
  });
});
