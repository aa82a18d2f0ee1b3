import { done, expectFailure, expectInvalid } from '../answers.ts';
import type { Api } from '../api.ts';
import { CONFIG_MAPS, LEASES, lease } from '../objects.ts';
import type { Cases } from '../suite.ts';
import { containing, textAt } from '../values.ts';

async function makeLeases(api: Api, ...names: string[]): Promise<void> {
  for (const name of names) await done(api, `POST ${LEASES}`, lease(name));
}

const version = (listed: unknown): string => textAt(listed, 'metadata.resourceVersion');

export const listOptions: Cases = {
  'a continuation that is none is refused': async (api) => {
    const reply = await api.call(`GET ${LEASES}?limit=2&continue=nonsense`);
    expectFailure(reply, 400, 'BadRequest', containing('continue key is not valid: '));
  },
  'a continuation with a version is refused': async (api) => {
    await makeLeases(api, 'a', 'b');
    const first = await done(api, `GET ${LEASES}?limit=1`);
    const query = `limit=1&continue=${textAt(first, 'metadata.continue')}&resourceVersion=${version(first)}`;
    const why = 'specifying resource version is not allowed when using continue';
    expectFailure(await api.call(`GET ${LEASES}?${query}`), 400, 'BadRequest', why);
  },
  ...refused({
    'a version that is no number is refused': [
      'resourceVersion=abc',
      400,
      'BadRequest',
      'invalid resource version: resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax',
    ],
    'a limit that is no number is refused': [
      'limit=abc',
      400,
      'BadRequest',
      'strconv.ParseInt: parsing "abc": invalid syntax',
    ],
  }),
  ...contradictions({
    'a match without a version is refused': [
      'resourceVersionMatch=Exact',
      [
        'resourceVersionMatch',
        'FieldValueForbidden',
        'Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
      ],
    ],
    'a match that is unknown is refused': [
      'resourceVersionMatch=Near&resourceVersion=1',
      [
        'resourceVersionMatch',
        'FieldValueNotSupported',
        'Unsupported value: "Near": supported values: "Exact", "NotOlderThan", ""',
      ],
    ],
    'exactly version 0 is refused': [
      'resourceVersionMatch=Exact&resourceVersion=0',
      [
        'resourceVersionMatch',
        'FieldValueForbidden',
        'Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
      ],
    ],
    'initial events of a list are refused': [
      'sendInitialEvents=true',
      ['sendInitialEvents', 'FieldValueForbidden', 'Forbidden: sendInitialEvents is forbidden for list'],
    ],
  }),
};

function refused(rows: Record<string, [query: string, code: number, reason: string, message: string]>): Cases {
  return Object.fromEntries(
    Object.entries(rows).map(([sentence, [query, code, reason, message]]) => [
      sentence,
      async (api: Api) => {
        expectFailure(await api.call(`GET ${CONFIG_MAPS}?${query}`), code, reason, message);
      },
    ]),
  );
}

function contradictions(
  rows: Record<string, [query: string, [field: string, reason: string, message: string]]>,
): Cases {
  return Object.fromEntries(
    Object.entries(rows).map(([sentence, [query, [field, reason, message]]]) => [
      sentence,
      async (api: Api) => {
        const reply = await api.call(`GET ${CONFIG_MAPS}?${query}`);
        expectInvalid(reply, 'meta.k8s.io', 'ListOptions', '', { reason, field, message });
      },
    ]),
  );
}
