import { recordPatch } from '../../src/plan/record-form.ts';
import { identityValue, recordView } from '../scene.ts';
import { armIdOf, identityOf, idOf, need, nothing, plan, presentIds, record, summary } from './planned.ts';

describe('what the plan for one VM or scale set puts into records', () => {
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

  it.each([
    ['status', undefined],
    ['content', need('a')],
  ])('has the API server forget who wrote which field of a record, with its %s', (_, content) => {
    const status = { state: 'Assigned', reason: 'Assigned', message: 'the identity can be used' } as const;
    const patch = recordPatch(record('a'), content, status, '2026-01-01T00:00:00Z');
    expect(patch.metadata).toMatchObject({ resourceVersion: record('a').resourceVersion, managedFields: [{}] });
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
