import { done, expectFailure, expectInvalid } from '../answers.ts';
import type { Api } from '../api.ts';
import { CRDS, MERGE } from '../objects.ts';
import type { Cases } from '../suite.ts';
import { anyText, at, itemsOf, matching } from '../values.ts';
import { established, installWidgets, widgetCrd } from '../widgets.ts';

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

export const crds: Cases = {
  'a CRD gets its names, and no condition yet': async (api) => {
    const crd = widgetCrd(api.word);
    const { status, body } = await api.call(`POST ${CRDS}`, crd);
    expect(status).toBe(201);
    expect(body).toMatchObject({
      metadata: { generation: 1 },
      spec: {
        conversion: { strategy: 'None' },
        names: {
          plural: 'widgets',
          singular: 'widget',
          kind: 'Widget',
          listKind: 'WidgetList',
          shortNames: [`w${api.word}`],
          categories: ['all'],
        },
      },
    });
    expect(at(body, 'status')).toEqual({
      conditions: null,
      acceptedNames: { plural: '', kind: '' },
      storedVersions: ['v1'],
    });
  },
  'it is established soon after, and says which names it has': async (api) => {
    const { crd } = await installWidgets(api);
    const status = at(await done(api, `GET ${crd}`), 'status');
    expect(status).toEqual({
      conditions: [
        {
          type: 'NamesAccepted',
          status: 'True',
          lastTransitionTime: anyText,
          reason: 'NoConflicts',
          message: 'no conflicts found',
        },
        {
          type: 'Established',
          status: 'True',
          lastTransitionTime: anyText,
          reason: 'InitialNamesAccepted',
          message: 'the initial names have been accepted',
        },
      ],
      acceptedNames: {
        plural: 'widgets',
        singular: 'widget',
        kind: 'Widget',
        listKind: 'WidgetList',
        shortNames: [`w${api.word}`],
        categories: ['all'],
      },
      storedVersions: ['v1'],
    });
    expect(status).toMatchObject({ conditions: established });
  },
  'discovery tells of it': async (api) => {
    const { group } = await installWidgets(api);
    const list = await api.until(`GET /apis/${group}/v1`, ({ status }) => status === 200);
    expect(list.body).toMatchObject({
      kind: 'APIResourceList',
      apiVersion: 'v1',
      groupVersion: `${group}/v1`,
      resources: [
        {
          name: 'widgets',
          singularName: 'widget',
          namespaced: true,
          kind: 'Widget',
          verbs: ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'],
          shortNames: [`w${api.word}`],
          categories: ['all'],
        },
        {
          name: 'widgets/status',
          singularName: '',
          namespaced: true,
          kind: 'Widget',
          verbs: ['get', 'patch', 'update'],
        },
      ],
    });
    const groups = await api.until('GET /apis', ({ body }) => JSON.stringify(body).includes(group));
    const entry = (at(groups.body, 'groups') as { name: string }[]).find(({ name }) => name === group);
    const version = { groupVersion: `${group}/v1`, version: 'v1' };
    expect(entry).toEqual({ name: group, versions: [version], preferredVersion: version });
  },
  'a change of its schema counts for what comes after': async (api) => {
    const { path, crd, widget } = await installWidgets(api);
    await done(api, `POST ${path}`, widget('w', { size: 3 }));
    const schema = {
      type: 'object',
      properties: { spec: { type: 'object', properties: { other: { type: 'string' } } } },
    };
    const version = { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } };
    await done(api, `PATCH ${crd}`, { spec: { versions: [version] } }, MERGE);
    const after = await api.until(`GET ${path}/w`, ({ body }) => at(body, 'spec.size') === undefined);
    expect(at(after.body, 'spec')).toEqual({});
    expect(at(await done(api, `POST ${path}`, widget('x', { other: 'a', size: 3 })), 'spec')).toEqual({ other: 'a' });
  },
  'its objects go with it': async (api) => {
    const { path, crd, widget } = await installWidgets(api);
    await done(api, `POST ${path}`, widget('w'));
    const { status, body } = await api.call(`DELETE ${crd}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      metadata: { deletionTimestamp: anyText, finalizers: ['customresourcecleanup.apiextensions.k8s.io'] },
    });
    await api.until(`GET ${crd}`, (reply) => reply.status === 404);
    await api.until(`GET ${path}`, (reply) => reply.status === 404);
  },
  'while one of its objects is held it stays': async (api) => {
    const { path, crd, widget } = await installWidgets(api);
    await done(
      api,
      `POST ${path}`,
      widget('w', { size: 3 }, { metadata: { name: 'w', finalizers: ['example.com/wait'] } }),
    );
    await api.call(`DELETE ${crd}`);
    await api.until(`GET ${path}/w`, ({ body }) => at(body, 'metadata.deletionTimestamp') !== undefined);
    await done(api, `PATCH ${path}/w`, { metadata: { finalizers: null } }, MERGE);
    await api.until(`GET ${crd}`, (reply) => reply.status === 404);
  },
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
  'two versions serve the same objects': async (api) => {
    const { crd, path, group, widget } = await installWidgets(api);
    await done(api, `POST ${path}`, widget('w'));
    const versions = at(await done(api, `GET ${crd}`), 'spec.versions') as object[];
    await done(
      api,
      `PATCH ${crd}`,
      { spec: { versions: [...versions, { ...versions[0], name: 'v2', storage: false }] } },
      MERGE,
    );
    const second = path.replace('/v1/', '/v2/');
    const read = await api.until(`GET ${second}/w`, ({ status }) => status === 200);
    expect(read.body).toMatchObject({ apiVersion: `${group}/v2`, spec: { size: 3 } });
    expect(itemsOf(await done(api, `GET ${second}`))).toMatchObject([{ apiVersion: `${group}/v2` }]);
  },
  'a version that is not served is not there': async (api) => {
    const { path } = await installWidgets(api);
    expect((await api.call(`GET ${path.replace('/v1/', '/v9/')}`)).status).toBe(404);
  },
  'CRDs are listed': async (api) => {
    await installWidgets(api);
    const name = `widgets.${api.word}.example.com`;
    const list = await done(api, `GET ${CRDS}?fieldSelector=metadata.name=${name}`);
    expect(list).toMatchObject({
      kind: 'CustomResourceDefinitionList',
      metadata: { resourceVersion: matching(/^\d+$/) },
      items: [{ metadata: { name } }],
    });
  },
};
