import { join } from 'node:path';

import { type Bench, startBench } from './bench.ts';
import { running } from './samples.ts';

const ROOT = join(import.meta.dirname, '../../..');
const CRDS = join(ROOT, 'charts/aad-pod-identity/crds');

/** The manifests of the seed, and what they create. */
const SEED = [
  ['pod.yaml', 'pod/podidentitydemo'],
  ['azureidentity.yaml', 'azureidentity.aadpodidentity.k8s.io/azureaccess'],
  ['azureidentitybinding.yaml', 'azureidentitybinding.aadpodidentity.k8s.io/azureaccess'],
  ['service-principal/azureidentity.yaml', 'azureidentity.aadpodidentity.k8s.io/spaccess'],
  ['service-principal/azureidentitybinding.yaml', 'azureidentitybinding.aadpodidentity.k8s.io/spaccess'],
] as const;

describe('the other commands of kubectl', () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = await startBench();
  });
  afterEach(() => bench.close());

  it.each<[string[], RegExp]>([
    [['create', 'secret', 'generic', 's', '--from-literal=key=value'], /^secret\/s created$/],
    [['create', 'configmap', 'c', '--from-literal=key=value'], /^configmap\/c created$/],
    [['create', 'namespace', 'mine'], /^namespace\/mine created$/],
    [['create', 'serviceaccount', 'mine'], /^serviceaccount\/mine created$/],
    [['create', 'deployment', 'd', '--image=demo:1'], /^deployment\.apps\/d created$/],
    [['create', 'token', 'default'], /^[\w-]+\.[\w-]+\.[\w-]+$/],
    [['run', 'p', '--image=demo:1'], /^pod\/p created$/],
    [['auth', 'can-i', 'delete', 'pods'], /^yes$/],
    [['auth', 'whoami'], /Username +kubernetes-admin/],
    [['api-resources'], /pods +po +v1 +true +Pod\n[^]*widgets +wd +example\.com\/v1 +true +Widget/],
    [['api-versions'], /^[^]*\nexample\.com\/v1\n[^]*\nv1$/],
    [['explain', 'widget.spec.size'], /FIELD: size <integer>[^]*How big it is\./],
    [['explain', 'pod.spec.containers'], /FIELD: containers <\[\]/],
    [['version'], /Server Version: v1\.35\.4/],
    [['cluster-info'], /Kubernetes control plane.* is running at/],
    [['config', 'view', '--minify', '-o', 'jsonpath={.contexts[0].context.namespace}'], /^default$/],
    [['get', '--raw', '/readyz'], /^ok$/],
    [['get', 'crd', 'widgets.example.com'], /widgets\.example\.com +\d{4}-/],
    [['wait', '--for=condition=Established', 'crd/widgets.example.com'], /condition met$/],
  ])('%j', async (args, printed) => {
    expect(await bench.kubectl(...args)).toMatch(printed);
  });

  it('keeps a secret made from literals encoded', async () => {
    await bench.kubectl('create', 'secret', 'generic', 's', '--from-literal=key=value');
    expect(await bench.kubectl('get', 'secret', 's', '-o', 'jsonpath={.type} {.data.key}')).toBe('Opaque dmFsdWU=');
  });

  it('scales and rolls a deployment', async () => {
    await bench.kubectl('create', 'deployment', 'd', '--image=demo:1');
    expect(await bench.kubectl('scale', 'deployment', 'd', '--replicas=3')).toBe('deployment.apps/d scaled');
    expect(await bench.kubectl('set', 'image', 'deployment/d', 'demo=demo:2')).toBe('deployment.apps/d image updated');
    expect(await bench.kubectl('get', 'deployment', 'd', '-o', 'wide')).toMatch(
      /d +0\/3 +0 +0 +\d+s +demo +demo:2 +app=d/,
    );
  });

  it('logs', async () => {
    bench.simulator.state.create(running('p'));
    expect(await bench.kubectl('logs', 'p')).toBe('hello from default/p');
  });

  it('is refused with another token', async () => {
    bench.simulator.tokens.rotate('new');
    expect(await bench.kubectl('get', 'pods')).toContain('You must be logged in to the server');
  });

  it("applies the chart's CRDs and the seed's manifests as printed, and changes nothing the second time", async () => {
    const kinds = ['azureassignedidentities', 'azureidentities', 'azureidentitybindings', 'azurepodidentityexceptions'];
    const crds = kinds.map((kind) => `customresourcedefinition.apiextensions.k8s.io/${kind}.aadpodidentity.k8s.io`);
    expect((await bench.kubectl('apply', '-f', CRDS)).split('\n')).toEqual(crds.map((name) => `${name} created`));
    expect((await bench.kubectl('apply', '-f', CRDS)).split('\n')).toEqual(crds.map((name) => `${name} unchanged`));
    for (const [file, name] of SEED) {
      expect(await bench.kubectl('apply', '-f', join(ROOT, 'examples', file))).toBe(`${name} created`);
      expect(await bench.kubectl('apply', '-f', join(ROOT, 'examples', file))).toBe(`${name} unchanged`);
    }
    expect(await bench.kubectl('get', 'azureidentity', 'azureaccess', '-o', 'jsonpath={.spec.ResourceID}')).toMatch(
      /azureaccess$/,
    );
  });
});
