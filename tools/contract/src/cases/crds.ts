import { done } from '../answers.ts';
import { CRDS, MERGE } from '../objects.ts';
import type { Cases } from '../suite.ts';
import { anyText, at, itemsOf, matching } from '../values.ts';
import { established, installWidgets, widgetCrd } from '../widgets.ts';

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
    // A real server sets its storage up anew after such a change, and says so with 429.
    const all = await api.until(`GET ${second}`, ({ status }) => status === 200);
    expect(itemsOf(all.body)).toMatchObject([{ apiVersion: `${group}/v2` }]);
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
