import { done } from './answers.ts';
import type { Api } from './api.ts';
import { CRDS } from './objects.ts';
import { at, withFields, withItems } from './values.ts';

const SPEC = {
  type: 'object',
  required: ['size'],
  'x-kubernetes-validations': [
    { rule: "!has(self.code) || self.code != 'bad' || self.size > 5", message: 'a bad code needs a size over 5' },
    { rule: 'self.size >= oldSelf.size', message: 'it may only grow' },
  ],
  properties: {
    size: { type: 'integer', minimum: 1, maximum: 10 },
    color: { type: 'string', default: 'red', enum: ['red', 'green'] },
    code: { type: 'string', pattern: '^[a-z]+$', maxLength: 4 },
    note: { type: 'string', nullable: true },
    port: { 'x-kubernetes-int-or-string': true },
    ratio: { type: 'number', exclusiveMinimum: true, minimum: 0 },
    when: { type: 'string', format: 'date-time' },
    on: { type: 'boolean' },
    free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { known: { type: 'string' } } },
    nested: { type: 'object', properties: { level: { type: 'integer', default: 1 } } },
    filled: { type: 'object', default: {}, properties: { level: { type: 'integer', default: 2 } } },
    words: { type: 'object', additionalProperties: { type: 'string' }, maxProperties: 2 },
    template: { type: 'object', 'x-kubernetes-embedded-resource': true, properties: { data: { type: 'object' } } },
    tags: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' }, maxItems: 3 },
    parts: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['id'],
      items: {
        type: 'object',
        required: ['id'],
        properties: { id: { type: 'string' }, weight: { type: 'integer', default: 5 } },
      },
    },
    either: {
      type: 'object',
      properties: { a: { type: 'string' }, b: { type: 'string' } },
      oneOf: [{ required: ['a'] }, { required: ['b'] }],
    },
  },
};

const COLUMNS = [
  { name: 'Size', type: 'integer', jsonPath: '.spec.size' },
  { name: 'Phase', type: 'string', jsonPath: '.status.phase', priority: 1, description: 'How it is.' },
  { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
  { name: 'Since', type: 'date', jsonPath: '.metadata.creationTimestamp' },
];

const STATUS = {
  type: 'object',
  properties: {
    phase: { type: 'string' },
    conditions: {
      type: 'array',
      items: { type: 'object', properties: { type: { type: 'string' }, status: { type: 'string' } } },
    },
  },
};

/** A CRD of a group that only this case has. */
export function widgetCrd(word: string, version: object = { subresources: { status: {} } }) {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `widgets.${word}.example.com` },
    spec: {
      group: `${word}.example.com`,
      scope: 'Namespaced',
      names: { plural: 'widgets', kind: 'Widget', shortNames: [`w${word}`], categories: ['all'] },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          additionalPrinterColumns: COLUMNS,
          schema: { openAPIV3Schema: { type: 'object', properties: { spec: SPEC, status: STATUS } } },
          ...version,
        },
      ],
    },
  };
}

export interface Installed {
  readonly path: string;
  readonly group: string;
  readonly crd: string;
  readonly widget: (name: string, spec?: object, rest?: object) => object;
}

const isEstablished = (crd: unknown): boolean => {
  const conditions = at(crd, 'status.conditions');
  return (
    Array.isArray(conditions) && conditions.some((c) => at(c, 'type') === 'Established' && at(c, 'status') === 'True')
  );
};

/** Installs widgets and waits until they are served. */
export async function installWidgets(api: Api, version?: object): Promise<Installed> {
  const crd = widgetCrd(api.word, version);
  await done(api, `POST ${CRDS}`, crd);
  const path = `/apis/${crd.spec.group}/v1/@/widgets`;
  await api.until(`GET ${CRDS}/${crd.metadata.name}`, ({ body }) => isEstablished(body));
  await api.until(`GET ${path}`, ({ status }) => status === 200);
  return {
    path,
    group: crd.spec.group,
    crd: `${CRDS}/${crd.metadata.name}`,
    widget: (name, spec = { size: 3 }, rest = {}) => ({
      apiVersion: `${crd.spec.group}/v1`,
      kind: 'Widget',
      metadata: { name },
      spec,
      ...rest,
    }),
  };
}

const shared = new Map<string, Promise<Installed>>();

/** The widgets of all cases that only make objects of them: a real server takes seconds to serve a new CRD. */
export function sharedWidgets(api: Api): Promise<Installed> {
  const installed = shared.get(api.kubeconfig) ?? installWidgets(api);
  shared.set(api.kubeconfig, installed);
  return installed;
}

export const established = withItems(withFields({ type: 'Established', status: 'True' }));
