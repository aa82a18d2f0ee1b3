import { AGE, row, TABLE, table, type Table } from '../table-reads.ts';
import { done } from '../answers.ts';
import { CONFIG_MAPS, configMap, EVENTS, LEASES, lease, pod, PODS, SECRETS, STRATEGIC } from '../objects.ts';
import type { Cases } from '../suite.ts';
import { at, anyText, matching, textAt } from '../values.ts';

export const tables: Cases = {
  'a table has columns, and rows with the metadata of their objects': async (api) => {
    const created = await done(api, `POST ${CONFIG_MAPS}`, configMap('a', { k: 'v', l: 'w' }));
    const { body } = await api.call(`GET ${CONFIG_MAPS}?fieldSelector=metadata.name=a`, undefined, TABLE);
    expect(body).toMatchObject({
      kind: 'Table',
      apiVersion: 'meta.k8s.io/v1',
      metadata: { resourceVersion: matching(/^\d+$/) },
    });
    expect((body as Table).rows).toEqual([
      {
        cells: ['a', 2, AGE],
        object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: at(created, 'metadata') },
      },
    ]);
    expect((body as Table).columnDefinitions).toMatchObject([
      { name: 'Name', type: 'string', format: 'name', priority: 0 },
      { name: 'Data', type: 'string', format: '', priority: 0 },
      { name: 'Age', type: 'string', format: '', priority: 0 },
    ]);
  },
  'a table of one object carries its version': async (api) => {
    const created = await done(api, `POST ${CONFIG_MAPS}`, configMap('a'));
    const body = await table(api, `${CONFIG_MAPS}/a`);
    expect(body).toMatchObject({
      metadata: { resourceVersion: textAt(created, 'metadata.resourceVersion') },
      rows: [{ cells: ['a', 0, AGE] }],
    });
  },
  'rows come with whole objects or none, as asked for': async (api) => {
    const created = await done(api, `POST ${CONFIG_MAPS}`, configMap('a'));
    const none = await table(api, `${CONFIG_MAPS}/a?includeObject=None`);
    expect(none.rows).toEqual([{ cells: ['a', 0, AGE], object: null }]);
    const whole = await table(api, `${CONFIG_MAPS}/a?includeObject=Object`);
    expect(whole.rows[0]?.object).toEqual(created);
  },
  'tables come in pages': async (api) => {
    for (const name of ['a', 'b', 'c']) await done(api, `POST ${LEASES}`, lease(name));
    const first = await table(api, `${LEASES}?limit=2`);
    expect(first.rows.map(({ cells }) => cells[0])).toEqual(['a', 'b']);
    expect(at(first, 'metadata')).toEqual({ resourceVersion: anyText, continue: anyText, remainingItemCount: 1 });
  },
  'a pod is told by its state': async (api) => {
    await done(api, `POST ${PODS}`, pod('p'));
    expect(await row(api, `${PODS}/p`)).toEqual({
      Name: 'p',
      Ready: '0/1',
      Status: 'Pending',
      Restarts: '0',
      Age: AGE,
      IP: '<none>',
      Node: '<none>',
      'Nominated Node': '<none>',
      'Readiness Gates': '<none>',
    });
    const containerStatuses = [
      {
        name: 'main',
        image: 'demo:1',
        imageID: '',
        ready: true,
        restartCount: 0,
        state: { running: { startedAt: '2026-01-01T00:00:00Z' } },
      },
    ];
    const status = { phase: 'Running', podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.1' }], containerStatuses };
    await done(api, `PATCH ${PODS}/p/status`, { status }, STRATEGIC);
    expect(await row(api, `${PODS}/p`)).toMatchObject({
      Ready: '1/1',
      Status: 'Running',
      Restarts: '0',
      IP: '10.0.0.1',
    });
  },
  'a lease is told by its holder': async (api) => {
    await done(api, `POST ${LEASES}`, lease('l', { holderIdentity: 'me' }));
    expect(await row(api, `${LEASES}/l`)).toEqual({ Name: 'l', Holder: 'me', Age: AGE });
  },
  'a secret is told by its type and size': async (api) => {
    await done(api, `POST ${SECRETS}`, { metadata: { name: 's' }, data: { a: '', b: '' } });
    expect(await row(api, `${SECRETS}/s`)).toEqual({ Name: 's', Type: 'Opaque', Data: 2, Age: AGE });
  },
  'a namespace is told by its state': async (api) => {
    expect(await row(api, `/api/v1/namespaces/${api.namespace}`)).toEqual({
      Name: api.namespace,
      Status: 'Active',
      Age: AGE,
    });
  },
  'an account is told by its name and secrets': async (api) => {
    expect(await row(api, '/api/v1/@/serviceaccounts/default')).toMatchObject({ Name: 'default', Age: AGE });
  },
  'an event is told by what happened to whom': async (api) => {
    const involvedObject = { kind: 'Pod', name: 'p', namespace: api.namespace };
    await done(api, `POST ${EVENTS}`, {
      metadata: { name: 'e' },
      involvedObject,
      reason: 'Done',
      message: 'it is',
      type: 'Normal',
      count: 1,
      source: { component: 'me' },
    });
    expect(await row(api, `${EVENTS}/e`)).toMatchObject({
      Type: 'Normal',
      Reason: 'Done',
      Object: 'pod/p',
      Message: 'it is',
      Source: 'me',
      Count: 1,
      Name: 'e',
    });
  },
  'a node is told by its state and roles': async (api) => {
    const labels = { 'node-role.kubernetes.io/worker': '' };
    await done(api, 'POST /api/v1/nodes', {
      metadata: { name: `node-${api.word}`, labels },
      spec: { unschedulable: true },
    });
    expect(await row(api, '/api/v1/nodes/node-*')).toMatchObject({
      Name: `node-${api.word}`,
      Status: 'Unknown,SchedulingDisabled',
      Roles: 'worker',
    });
    await done(api, 'DELETE /api/v1/nodes/node-*');
  },
  'a workload is told by its replicas': async (api) => {
    const labels = { app: 'x' };
    const template = { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'demo:1' }] } };
    await done(api, 'POST /apis/apps/v1/@/deployments', {
      metadata: { name: 'd' },
      spec: { replicas: 0, selector: { matchLabels: labels }, template },
    });
    expect(await row(api, '/apis/apps/v1/@/deployments/d')).toEqual({
      Name: 'd',
      Ready: '0/0',
      'Up-to-date': 0,
      Available: 0,
      Age: AGE,
      Containers: 'main',
      Images: 'demo:1',
      Selector: 'app=x',
    });
  },
};
