import { done, expectFailure } from '../answers.ts';
import { CONFIG_MAPS, configMap, LEASES, MERGE } from '../objects.ts';
import type { Cases } from '../suite.ts';
import { anyText, at, textAt } from '../values.ts';

const NS = '/api/v1/namespaces';

export const namespaces: Cases = {
  'a new namespace is active, carries its name as a label, and has an account': async (api) => {
    const created = await done(api, `POST ${NS}`, { metadata: { name: 'n-' + api.word } });
    expect(created).toMatchObject({
      metadata: { labels: { 'kubernetes.io/metadata.name': `n-${api.word}` } },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    });
    await api.until(`GET ${NS}/n-*/serviceaccounts/default`, ({ status }) => status === 200);
    const { body } = await api.until(`GET ${NS}/n-*/configmaps/kube-root-ca.crt`, ({ status }) => status === 200);
    expect(at(body, 'data')).toEqual({ 'ca.crt': anyText });
  },
  'those that every cluster has are there': async (api) => {
    for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease']) {
      expect(at(await done(api, `GET ${NS}/${name}`), 'status.phase')).toBe('Active');
    }
  },
  'one that is deleted is terminating first, then gone with all that was in it': async (api) => {
    await done(api, `POST ${CONFIG_MAPS}`, configMap('a'));
    const { status, body } = await api.call(`DELETE ${NS}/${api.namespace}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      kind: 'Namespace',
      metadata: { deletionTimestamp: anyText },
      status: { phase: 'Terminating' },
    });
    await api.until(`GET ${NS}/${api.namespace}`, (reply) => reply.status === 404);
    await api.until(`GET ${CONFIG_MAPS}/a`, (reply) => reply.status === 404);
  },
  'one that is terminating takes nothing new': async (api) => {
    await done(api, `POST ${CONFIG_MAPS}`, configMap('held', {}, { finalizers: ['example.com/wait'] }));
    await api.call(`DELETE ${NS}/${api.namespace}`);
    const why = `configmaps "a" is forbidden: unable to create new content in namespace ${api.namespace} because it is being terminated`;
    const reply = await api.call(`POST ${CONFIG_MAPS}`, configMap('a'));
    expectFailure(reply, 403, 'Forbidden', why, {
      name: 'a',
      kind: 'configmaps',
      causes: [
        {
          reason: 'NamespaceTerminating',
          message: `namespace ${api.namespace} is being terminated`,
          field: 'metadata.namespace',
        },
      ],
    });
    expect((await api.call(`POST ${LEASES}`, { metadata: { name: 'a' } })).status).toBe(403);
  },
  'one that is terminating goes once the last thing in it is let go': async (api) => {
    await done(api, `POST ${CONFIG_MAPS}`, configMap('held', {}, { finalizers: ['example.com/wait'] }));
    await api.call(`DELETE ${NS}/${api.namespace}`);
    await api.until(`GET ${CONFIG_MAPS}/held`, ({ body }) => at(body, 'metadata.deletionTimestamp') !== undefined);
    expect((await api.call(`GET ${NS}/${api.namespace}`)).status).toBe(200);
    await done(api, `PATCH ${CONFIG_MAPS}/held`, { metadata: { finalizers: null } }, MERGE);
    await api.until(`GET ${NS}/${api.namespace}`, (reply) => reply.status === 404);
  },
  'one that is terminating may be deleted again': async (api) => {
    await done(api, `POST ${CONFIG_MAPS}`, configMap('held', {}, { finalizers: ['example.com/wait'] }));
    await api.call(`DELETE ${NS}/${api.namespace}`);
    const again = await api.call(`DELETE ${NS}/${api.namespace}`);
    expect(again).toMatchObject({ status: 200, body: { kind: 'Namespace', status: { phase: 'Terminating' } } });
  },
  'those of the system can not be deleted': async (api) => {
    const reply = await api.call(`DELETE ${NS}/kube-system`);
    const why = 'namespaces "kube-system" is forbidden: this namespace may not be deleted';
    expectFailure(reply, 403, 'Forbidden', why, { name: 'kube-system', kind: 'namespaces' });
  },
  'the label with its name stays': async (api) => {
    const after = await done(
      api,
      `PATCH ${NS}/${api.namespace}`,
      { metadata: { labels: { 'kubernetes.io/metadata.name': 'x', a: 'b' } } },
      MERGE,
    );
    expect(at(after, 'metadata.labels')).toEqual({ 'kubernetes.io/metadata.name': api.namespace, a: 'b' });
  },
  'a namespace has no collection to delete': async (api) => {
    const why = 'the server does not allow this method on the requested resource';
    expectFailure(await api.call(`DELETE ${NS}`), 405, 'MethodNotAllowed', why, {});
  },
  'one that is not there is answered 404': async (api) => {
    const name = `none-${api.word}`;
    expectFailure(await api.call(`GET ${NS}/${name}`), 404, 'NotFound', `namespaces "${name}" not found`, {
      name,
      kind: 'namespaces',
    });
  },
  'an account that is made in one can be read': async (api) => {
    const made = await done(api, 'POST /api/v1/@/serviceaccounts', { metadata: { name: 'mine' } });
    expect(textAt(made, 'metadata.namespace')).toBe(api.namespace);
  },
};
