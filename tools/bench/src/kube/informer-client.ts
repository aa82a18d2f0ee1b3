/** The process that uses the informer of @kubernetes/client-node, as its documentation shows. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CoreV1Api, KubeConfig, makeInformer } from '@kubernetes/client-node';
import { measure, settings } from './measured.ts';

const { port, serviceAccountDir, pods, events } = settings();
const config = new KubeConfig();
const read = (file: string) => readFileSync(join(serviceAccountDir, file), 'utf8');
config.loadFromOptions({
  clusters: [
    {
      name: 'bench',
      server: `https://127.0.0.1:${port}`,
      caData: Buffer.from(read('ca.crt')).toString('base64'),
      skipTLSVerify: false,
    },
  ],
  users: [{ name: 'bench', token: read('token') }],
  contexts: [{ name: 'bench', cluster: 'bench', user: 'bench' }],
  currentContext: 'bench',
});
const api = config.makeApiClient(CoreV1Api);
const informer = makeInformer(config, '/api/v1/pods', () => api.listPodForAllNamespaces());

await measure(events, ({ listed, event }) => {
  let added = 0;
  informer.on('add', () => {
    added += 1;
    if (added === pods) listed();
  });
  informer.on('update', event);
  informer.on('error', (error: unknown) => {
    throw error;
  });
  void informer.start();
  return () => {
    const known = informer.list();
    return { pods: known.length, finished: known.filter(({ status }) => status?.phase === 'Succeeded').length };
  };
});
