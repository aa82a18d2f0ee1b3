import {
  AppsV1Api,
  AuthenticationV1TokenRequest,
  CoreV1Api,
  CustomObjectsApi,
  KubeConfig,
  KubernetesObjectApi,
  PatchStrategy,
  setHeaderOptions,
  V1Deployment,
  V1Pod,
  V1Scale,
  Watch,
} from '@kubernetes/client-node';
import * as models from '@kubernetes/client-node';

import { readFileSync } from 'node:fs';

import { definitionsFrom } from '../../src/kubernetes/builtin/model-definitions.ts';
import { ROOTS } from '../../src/kubernetes/builtin/roots.ts';
import { createRunCa } from '../../src/index.ts';
import { type KubernetesSimulator, startKubernetesSimulator } from '../../src/kubernetes/index.ts';
import { podObject, widget, widgetCrd } from './samples.ts';

/** An instance of a model with the given fields. */
const made = <T extends object>(model: new () => T, fields: object): T => Object.assign(new model(), fields);

describe('@kubernetes/client-node over TLS with a token', () => {
  let simulator: KubernetesSimulator;
  let config: KubeConfig;

  beforeEach(async () => {
    const ca = createRunCa();
    const tls = { ...ca.issue({ commonName: 'api', altNames: ['127.0.0.1'] }), caPem: ca.certPem };
    simulator = await startKubernetesSimulator({ tls, token: 'secret', crds: [widgetCrd()] });
    config = new KubeConfig();
    config.loadFromString(simulator.kubeconfig());
  });
  afterEach(() => simulator.close());

  it('creates, reads, patches and deletes typed objects', async () => {
    const core = config.makeApiClient(CoreV1Api);
    await core.createNamespacedPod({ namespace: 'default', body: made(V1Pod, podObject('a', { app: 'x' })) });
    const list = await core.listNamespacedPod({ namespace: 'default', labelSelector: 'app=x' });
    expect(list.items.map((pod) => pod.metadata?.name)).toEqual(['a']);
    const patched = await core.patchNamespacedPod(
      { namespace: 'default', name: 'a', body: { metadata: { annotations: { k: 'v' } } } },
      setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch),
    );
    expect(patched.metadata?.annotations).toEqual({ k: 'v' });
    await core.deleteNamespacedPod({ namespace: 'default', name: 'a' });
    await expect(core.readNamespacedPod({ namespace: 'default', name: 'a' })).rejects.toMatchObject({ code: 404 });
  });

  it('handles custom objects', async () => {
    const custom = config.makeApiClient(CustomObjectsApi);
    const place = { group: 'example.com', version: 'v1', namespace: 'default', plural: 'widgets' };
    await custom.createNamespacedCustomObject({ ...place, body: widget('w') });
    expect(await custom.getNamespacedCustomObject({ ...place, name: 'w' })).toMatchObject({
      spec: { size: 3, color: 'red' },
    });
    await expect(
      custom.createNamespacedCustomObject({ ...place, body: widget('v', { size: 99 }) }),
    ).rejects.toMatchObject({ code: 422 });
  });

  it('applies any object through discovery', async () => {
    const objects = KubernetesObjectApi.makeApiClient(config);
    const body = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'c', namespace: 'default' },
      data: { a: '1' },
    };
    await objects.patch(body, undefined, undefined, 'me', true, PatchStrategy.ServerSideApply);
    expect(await objects.read(body)).toMatchObject({ data: { a: '1' } });
  });

  it('asks for service account tokens', async () => {
    const core = config.makeApiClient(CoreV1Api);
    const body = made(AuthenticationV1TokenRequest, { spec: { audiences: ['api://x'], expirationSeconds: 600 } });
    const answer = await core.createNamespacedServiceAccountToken({ namespace: 'default', name: 'default', body });
    expect(answer.status?.token?.split('.')).toHaveLength(3);
    expect(answer.status?.expirationTimestamp).toBeInstanceOf(Date);
  });

  it('scales a deployment', async () => {
    const apps = config.makeApiClient(AppsV1Api);
    const labels = { app: 'x' };
    const spec = { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: podObject('x').spec } };
    await apps.createNamespacedDeployment({
      namespace: 'default',
      body: made(V1Deployment, { metadata: { name: 'd' }, spec }),
    });
    const scale = await apps.readNamespacedDeploymentScale({ namespace: 'default', name: 'd' });
    expect(scale.spec?.replicas).toBe(1);
    await apps.replaceNamespacedDeploymentScale({
      namespace: 'default',
      name: 'd',
      body: made(V1Scale, { metadata: scale.metadata, spec: { replicas: 4 } }),
    });
    expect((await apps.readNamespacedDeployment({ namespace: 'default', name: 'd' })).spec?.replicas).toBe(4);
  });

  it('watches', async () => {
    const seen = new Promise<string>((resolve, reject) => {
      const watch = new Watch(config);
      watch
        .watch(
          '/api/v1/pods',
          {},
          (phase, object: { metadata: { name: string } }) => {
            resolve(`${phase} ${object.metadata.name}`);
          },
          reject,
        )
        .catch(reject);
    });
    simulator.state.create(podObject('a'));
    expect(await seen).toBe('ADDED a');
  });
});

describe('the definitions of the built-in kinds', () => {
  it('are those of the client library', () => {
    const file = new URL('../../src/kubernetes/builtin/definitions.json', import.meta.url);
    const kept: unknown = JSON.parse(readFileSync(file, 'utf8'));
    expect(kept).toEqual(definitionsFrom({ ...models }, Object.values(ROOTS)));
  });
});
