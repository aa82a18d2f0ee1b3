import { done, expectFailure } from '../answers.ts';
import type { Api } from '../api.ts';
import { CONFIG_MAPS, EVENTS, LEASES, lease, pod, PODS, SECRETS } from '../objects.ts';
import type { Cases } from '../suite.ts';
import { namesOf } from '../values.ts';

const OBJECTS: Record<string, Record<string, string>> = {
  bare: {},
  blue: { color: 'blue', size: '3' },
  empty: { color: '' },
  red: { color: 'red', size: '12', 'example.com/team': 'a' },
};

async function selected(api: Api, selector: string): Promise<string[]> {
  for (const [name, labels] of Object.entries(OBJECTS)) await done(api, `POST ${LEASES}`, lease(name, {}, { labels }));
  return namesOf(await done(api, `GET ${LEASES}?labelSelector=${encodeURIComponent(selector)}`));
}

function selects(rows: Record<string, [selector: string, ...names: string[]]>): Cases {
  return Object.fromEntries(
    Object.entries(rows).map(([sentence, [selector, ...names]]) => [
      sentence,
      async (api: Api) => {
        expect(await selected(api, selector)).toEqual(names);
      },
    ]),
  );
}

function refuses(rows: Record<string, [query: string, message: string]>): Cases {
  return Object.fromEntries(
    Object.entries(rows).map(([sentence, [query, message]]) => [
      sentence,
      async (api: Api) => {
        const [path = '', selector = ''] = query.split('?');
        const [name = '', ...rest] = selector.split('=');
        const reply = await api.call(`GET ${path}?${name}=${encodeURIComponent(rest.join('='))}`);
        expectFailure(reply, 400, 'BadRequest', message);
      },
    ]),
  );
}

const KEY =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const ONLY = (field: string) => `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`;

const ALL_FIELDS: Record<string, readonly string[]> = {
  [PODS]: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'spec.hostNetwork',
    'status.phase',
    'status.podIP',
    'status.nominatedNodeName',
  ],
  [SECRETS]: ['type'],
  [EVENTS]: [
    'involvedObject.kind',
    'involvedObject.name',
    'involvedObject.namespace',
    'involvedObject.uid',
    'involvedObject.apiVersion',
    'involvedObject.resourceVersion',
    'involvedObject.fieldPath',
    'reason',
    'reportingComponent',
    'source',
    'type',
  ],
  '/api/v1/nodes': ['spec.unschedulable'],
  '/api/v1/namespaces': ['status.phase'],
};

export const selectors: Cases = {
  ...selects({
    equality: ['color=red', 'red'],
    'equality with two signs': ['color==blue', 'blue'],
    'equality with nothing finds the empty value': ['color=', 'empty'],
    'inequality finds those without the label, too': ['color!=red', 'bare', 'blue', 'empty'],
    'one of a set': ['color in (red,blue)', 'blue', 'red'],
    'none of a set finds those without the label, too': ['color notin (red,blue)', 'bare', 'empty'],
    'a set with an empty value': ['color in (,red)', 'empty', 'red'],
    existence: ['size', 'blue', 'red'],
    absence: ['!color', 'bare'],
    'more than a number': ['size>3', 'red'],
    'less than a number': ['size<12', 'blue'],
    'all of several': ['color in (red,blue),size!=3,example.com/team=a', 'red'],
    'nothing asks for all': ['', 'bare', 'blue', 'empty', 'red'],
  }),
  ...refuses({
    'a set that is not opened': [`${LEASES}?labelSelector=a in`, "unable to parse requirement: found '' expected: '('"],
    'a set without parentheses': [
      `${LEASES}?labelSelector=a in b`,
      "unable to parse requirement: found 'b' expected: '('",
    ],
    'a value too much': [`${LEASES}?labelSelector=a=b=c`, "found '=', expected: ',' or 'end of string'"],
    'a key that is none': [
      `${LEASES}?labelSelector=-a`,
      `unable to parse requirement: <nil>: Invalid value: "-a": ${KEY}`,
    ],
    'a comparison with a word': [
      `${LEASES}?labelSelector=a>x`,
      `unable to parse requirement: values[0]: Invalid value: "x": for 'Gt', 'Lt' operators, the value must be an integer`,
    ],
    'a field selector that is none': [
      `${LEASES}?fieldSelector=nonsense`,
      "invalid selector: 'nonsense'; can't understand 'nonsense'",
    ],
    'another field of pods': [`${PODS}?fieldSelector=spec.oops=1`, 'field label not supported: spec.oops'],
    'another field of nodes': ['/api/v1/nodes?fieldSelector=spec.oops=1', 'field label not supported: spec.oops'],
    'another field of secrets': [`${SECRETS}?fieldSelector=data.oops=1`, 'field label not supported: data.oops'],
    'another field of events': [`${EVENTS}?fieldSelector=data.oops=1`, 'field label not supported: data.oops'],
    'another field of namespaces': [
      '/api/v1/namespaces?fieldSelector=data.oops=1',
      'field label not supported: data.oops',
    ],
    'another field of config maps': [`${CONFIG_MAPS}?fieldSelector=data.oops=1`, ONLY('data.oops')],
    'another field of leases': [`${LEASES}?fieldSelector=spec.oops=1`, ONLY('spec.oops')],
    'a label with a field selector that is none': [
      `${PODS}?fieldSelector=spec.nodeName`,
      "invalid selector: 'spec.nodeName'; can't understand 'spec.nodeName'",
    ],
  }),
  'name and namespace can be selected of every kind': async (api) => {
    await done(api, `POST ${LEASES}`, lease('a'));
    await done(api, `POST ${LEASES}`, lease('b'));
    expect(namesOf(await done(api, `GET ${LEASES}?fieldSelector=metadata.name=a`))).toEqual(['a']);
    expect(namesOf(await done(api, `GET ${LEASES}?fieldSelector=metadata.name!=a`))).toEqual(['b']);
    const both = `metadata.name=a,metadata.namespace=${api.namespace}`;
    expect(namesOf(await done(api, `GET /apis/coordination.k8s.io/v1/leases?fieldSelector=${both}`))).toEqual(['a']);
  },
  'a pod is found by its node and its state': async (api) => {
    await done(api, `POST ${PODS}`, pod('here', { nodeName: 'here' }));
    await done(api, `POST ${PODS}`, pod('nowhere'));
    const find = async (selector: string) => namesOf(await done(api, `GET ${PODS}?fieldSelector=${selector}`));
    expect(await find('spec.nodeName=here')).toEqual(['here']);
    expect(await find('spec.nodeName=')).toEqual(['nowhere']);
    expect(await find('status.phase=Pending,spec.nodeName!=')).toEqual(['here']);
    expect(await find('spec.hostNetwork=false,spec.serviceAccountName=default,spec.restartPolicy=Always')).toHaveLength(
      2,
    );
  },
  'the fields that a kind can be selected by': async (api) => {
    for (const [path, fields] of Object.entries(ALL_FIELDS)) {
      for (const field of fields) await done(api, `GET ${path}?fieldSelector=${field}=none`);
    }
  },
};
