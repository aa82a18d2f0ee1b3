import { done, expectFailure, expectInvalid } from '../answers.ts';
import type { Api } from '../api.ts';
import { CRDS } from '../objects.ts';
import type { Cases } from '../suite.ts';
import { at } from '../values.ts';
import { widgetCrd } from '../widgets.ts';

const CRD_KIND = ['apiextensions.k8s.io', 'CustomResourceDefinition'] as const;

function changed(
  api: Api,
  change: (spec: Record<string, unknown>) => void,
): Promise<{ status: number; body: unknown; headers: object }> {
  const crd = widgetCrd(api.word);
  change(crd.spec);
  return api.call(`POST ${CRDS}`, crd);
}

const withSchema = (schema: object) => (spec: Record<string, unknown>) => {
  spec.versions = [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }];
};

function refused(change: (spec: Record<string, unknown>) => void, reason: string, field: string, message: string) {
  return async (api: Api) => {
    const reply = await changed(api, change);
    const name = `widgets.${api.word}.example.com`;
    expectInvalid({ ...reply, headers: {} }, ...CRD_KIND, name, { reason, message, field });
  };
}

export const crdRules: Cases = {
  'a name that is taken is answered 409': async (api) => {
    await done(api, `POST ${CRDS}`, widgetCrd(api.word));
    const name = `widgets.${api.word}.example.com`;
    const why = `customresourcedefinitions.apiextensions.k8s.io "${name}" already exists`;
    const details = { name, group: 'apiextensions.k8s.io', kind: 'customresourcedefinitions' };
    expectFailure(await api.call(`POST ${CRDS}`, widgetCrd(api.word)), 409, 'AlreadyExists', why, details);
  },
  'its name is made of plural and group': async (api) => {
    const reply = await api.call(`POST ${CRDS}`, {
      ...widgetCrd(api.word),
      metadata: { name: `other.${api.word}.example.com` },
    });
    const name = `other.${api.word}.example.com`;
    const message = `Invalid value: "${name}": must be spec.names.plural+"."+spec.group`;
    expectInvalid(reply, ...CRD_KIND, name, { reason: 'FieldValueInvalid', message, field: 'metadata.name' });
  },
  'a schema is needed': refused(
    (spec) => {
      spec.versions = [{ name: 'v1', served: true, storage: true }];
    },
    'FieldValueRequired',
    'spec.versions[0].schema.openAPIV3Schema',
    'Required value',
  ),
  'a schema is of objects': async (api) => {
    const reply = await changed(api, withSchema({ type: 'string' }));
    expect(reply.status).toBe(422);
    expect(at(reply.body, 'details.causes.0.field')).toBe('spec.validation.openAPIV3Schema.type');
  },
  'every field of a schema has a type': refused(
    withSchema({ type: 'object', properties: { spec: {} } }),
    'FieldValueRequired',
    'spec.validation.openAPIV3Schema.properties[spec].type',
    'Required value: must not be empty for specified object fields',
  ),
  'one version is stored, and one only': async (api) => {
    const reply = await changed(api, (spec) => {
      const [version] = spec.versions as object[];
      spec.versions = [version, { ...version, name: 'v2' }];
    });
    expect(reply.status).toBe(422);
    expect(at(reply.body, 'message')).toContain('must have exactly one version marked as storage version');
  },
  'scope and kind are needed': async (api) => {
    const reply = await changed(api, (spec) => {
      spec.scope = '';
      spec.names = { plural: 'widgets' };
    });
    expect(reply.status).toBe(422);
    const fields = (at(reply.body, 'details.causes') as { field: string }[]).map(({ field }) => field);
    expect(fields).toEqual(expect.arrayContaining(['spec.scope', 'spec.names.kind']));
  },
};
