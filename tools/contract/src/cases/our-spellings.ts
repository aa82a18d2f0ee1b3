import { done } from '../answers.ts';
import type { Api } from '../api.ts';
import { BINDINGS, IDENTITIES, IDENTITY_ID, installed, object } from '../our-kinds.ts';
import type { Cases } from '../suite.ts';
import { at, matching } from '../values.ts';

const BAD_ID = 'spec.resourceID must have the form /subscriptions/';
const twoSpellings = (one: string, other: string) => `spec.${one} and spec.${other} are two spellings of one field`;

/** What can never work, in the spelling of the chart and in that of the walk-through. */
const REFUSED: Record<string, [path: string, kind: string, spec: object, why: string]> = {
  'a resource id of another form': [IDENTITIES, 'AzureIdentity', { type: 0, resourceID: '/x' }, BAD_ID],
  'a capitalised resource id of another form': [IDENTITIES, 'AzureIdentity', { type: 0, ResourceID: '/x' }, BAD_ID],
  'a resource id of another form, of no type': [IDENTITIES, 'AzureIdentity', { ResourceID: '/x' }, BAD_ID],
  'a resource id of another form, of a capitalised type': [
    IDENTITIES,
    'AzureIdentity',
    { Type: 0, ResourceID: '/x' },
    BAD_ID,
  ],
  'a type that there is not': [IDENTITIES, 'AzureIdentity', { type: 999 }, 'spec.type in body should be less than'],
  'a capitalised type that there is not': [
    IDENTITIES,
    'AzureIdentity',
    { Type: 999, ResourceID: IDENTITY_ID },
    'spec.Type in body should be less than',
  ],
  'two types': [IDENTITIES, 'AzureIdentity', { type: 0, Type: 1 }, twoSpellings('type', 'Type')],
  'two resource ids': [
    IDENTITIES,
    'AzureIdentity',
    { type: 0, resourceID: IDENTITY_ID, ResourceID: `${IDENTITY_ID}2` },
    twoSpellings('resourceID', 'ResourceID'),
  ],
  'two client ids': [
    IDENTITIES,
    'AzureIdentity',
    { type: 0, clientID: 'a', ClientID: 'b' },
    twoSpellings('clientID', 'ClientID'),
  ],
  'two identities of a binding': [
    BINDINGS,
    'AzureIdentityBinding',
    { azureIdentity: 'a', AzureIdentity: 'b' },
    twoSpellings('azureIdentity', 'AzureIdentity'),
  ],
  'two selectors': [
    BINDINGS,
    'AzureIdentityBinding',
    { selector: 'a', Selector: 'b' },
    twoSpellings('selector', 'Selector'),
  ],
};

const refuses: Cases = Object.fromEntries(
  Object.entries(REFUSED).map(([sentence, [path, kind, spec, why]]) => [
    `refused: ${sentence}`,
    async (api: Api) => {
      await installed(api);
      const { status, body } = await api.call(`POST ${path}`, object(kind, 'i', spec));
      expect([status, at(body, 'message')]).toEqual([422, matching(new RegExp(why))]);
    },
  ]),
);

const ACCEPTED: Record<string, [path: string, kind: string, spec: object]> = {
  'both spellings that say the same': [
    IDENTITIES,
    'AzureIdentity',
    { type: 0, resourceID: IDENTITY_ID, ResourceID: IDENTITY_ID },
  ],
  'any resource id of a service principal': [IDENTITIES, 'AzureIdentity', { Type: 1, ResourceID: '/x' }],
  'an identity whose id comes later': [IDENTITIES, 'AzureIdentity', { type: 0, ResourceID: '' }],
  'an identity that says nothing yet': [IDENTITIES, 'AzureIdentity', {}],
};

const accepts: Cases = Object.fromEntries(
  Object.entries(ACCEPTED).map(([sentence, [path, kind, spec]]) => [
    `accepted: ${sentence}`,
    async (api: Api) => {
      await installed(api);
      expect(at(await done(api, `POST ${path}`, object(kind, 'i', spec)), 'spec')).toEqual(spec);
    },
  ]),
);

export const ourSpellings: Cases = { ...refuses, ...accepts };
