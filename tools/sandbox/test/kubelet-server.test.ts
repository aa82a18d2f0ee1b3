import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@aad-pod-identity/runtime';
import { createRunCa } from '@aad-pod-identity/testing';
import { Agent, request } from 'undici';
import { startKubeletServer } from '../src/pods/kubelet-server.ts';
import { podStore } from '../src/pods/pod.ts';

const ca = createRunCa();
const signed = (commonName: string, by = ca) => {
  const { certPem, keyPem } = by.issue({ commonName, altNames: ['127.0.0.1'] });
  return { cert: certPem, key: keyPem };
};
const API_SERVER = signed('kube-apiserver-kubelet-client');

let folder: string;
let server: Server;
let port: number;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kubelet-'));
  writeFileSync(join(folder, 'default_demo.log'), 'one\ntwo\n');
  const pods = podStore();
  pods.apply({ metadata: { namespace: 'default', name: 'demo', uid: 'u' }, spec: {} });
  ({ server, port } = await startKubeletServer({
    ...{ clock: systemClock, pods, tls: { ...signed('node'), ca: ca.certPem } },
    podLog: (namespace, name) => join(folder, `${namespace}_${name}.log`),
  }));
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

async function ask(path: string, client: object): Promise<[number, string] | 'refused'> {
  const dispatcher = new Agent({ connect: { ca: ca.certPem, ...client } });
  try {
    const { statusCode, body } = await request(`https://127.0.0.1:${port}${path}`, { dispatcher });
    return [statusCode, await body.text()];
  } catch {
    return 'refused';
  } finally {
    await dispatcher.destroy();
  }
}

const LOG = '/containerLogs/default/demo/main';

const cases: Record<string, [path: string, client: object, answer: [number, string] | 'refused']> = {
  'the API server gets the log of a pod': [LOG, API_SERVER, [200, 'one\ntwo\n']],
  'the API server gets as many lines as it asks for': [`${LOG}?tailLines=1`, API_SERVER, [200, 'two\n']],
  'there is no log of a pod that is not there': [
    '/containerLogs/default/nobody/main',
    API_SERVER,
    [404, 'no such pod here'],
  ],
  'nothing else is there': ['/exec/default/demo/main', API_SERVER, [404, 'no such pod here']],
  'another name of the cluster gets nothing': [LOG, signed('kube-scheduler'), [403, '']],
  'whoever shows no certificate gets no connection': [LOG, {}, 'refused'],
  'a certificate of somebody else makes no connection': [
    LOG,
    signed('kube-apiserver-kubelet-client', createRunCa()),
    'refused',
  ],
};

it.each(Object.entries(cases))('%s', async (_sentence, [path, client, answer]) => {
  expect(await ask(path, client)).toEqual(answer);
});
