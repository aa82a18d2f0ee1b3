import { identityResourceId } from '@aad-pod-identity/testing';
import { aGrant } from '../../test/objects.ts';
import type { Selector } from '../token-request.ts';
import type { Grant } from './grant.ts';
import { heavierIsComing, selectIdentity } from './select-identity.ts';

const names = (grants: readonly Grant[]) => grants.map(({ identity }) => identity.metadata.name);

describe('selectIdentity', () => {
  const any: Selector = { by: 'any' };
  const grants = [
    aGrant('b'),
    aGrant('c', 'assigned', 10),
    aGrant('a'),
    aGrant('d', 'created', 20),
    aGrant('e', 'expected'),
  ];

  it.each<[sentence: string, selector: Selector, assigned: string[], pending: string[]]>([
    ['the heaviest, then by name', any, ['c', 'a', 'b'], ['d', 'e']],
    ['the one with the client id, in any case', { by: 'clientId', id: 'CLIENT-B' }, ['b'], []],
    [
      'the one with the resource id, in any case',
      { by: 'resourceId', id: identityResourceId('a').toUpperCase() },
      ['a'],
      [],
    ],
    ['one that is not usable yet, and no other', { by: 'clientId', id: 'client-d' }, [], ['d']],
    ['none instead of another', { by: 'clientId', id: 'client-x' }, [], []],
    ['none for a part of an id', { by: 'clientId', id: 'client' }, [], []],
    ['all for an object id, which the token tells', { by: 'objectId', id: 'o' }, ['c', 'a', 'b'], ['d', 'e']],
  ])('gives %s', (_, selector, assigned, pending) => {
    for (const order of [grants, grants.toReversed()]) {
      const selection = selectIdentity(order, selector);
      expect([names(selection.assigned), names(selection.pending)]).toEqual([assigned, pending]);
    }
  });

  it('takes a client id that MIC has yet to fill in for the one that is asked for, until it is known', () => {
    const unknown = { clientID: '' };
    const selector: Selector = { by: 'clientId', id: 'x' };
    expect(names(selectIdentity([aGrant('u', 'created', 0, unknown)], selector).pending)).toEqual(['u']);
    expect(selectIdentity([aGrant('u', 'assigned', 0, unknown)], selector)).toEqual({
      assigned: [],
      pending: [],
      never: [],
    });
    expect(selectIdentity([aGrant('u', 'created', 0, { ...unknown, type: 1 })], selector).pending).toEqual([]);
  });
});

describe('heavierIsComing', () => {
  it.each<[sentence: string, grants: Grant[], coming: boolean]>([
    ['a heavier one is being assigned', [aGrant('a'), aGrant('b', 'created', 1)], true],
    ['one as heavy is being assigned', [aGrant('a'), aGrant('b', 'created', 0)], false],
    ['a heavier one is not even recorded', [aGrant('a'), aGrant('b', 'expected', 1)], false],
    ['nothing is usable', [aGrant('b', 'created', 1)], false],
  ])('%s: %#', (_, grants, coming) => {
    expect(heavierIsComing(selectIdentity(grants, { by: 'any' }))).toBe(coming);
  });
});
