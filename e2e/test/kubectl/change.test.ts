import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { type Bench, KUBECTL, startBench } from './bench.ts';
import { configMap, pod, running, widget } from './samples.ts';

describe('kubectl patch, edit, delete and wait', () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = await startBench();
  });
  afterEach(() => bench.close());

  it.each<[string, string, string]>([
    ['merge', '{"metadata":{"labels":{"k":"v"}}}', 'pod/p patched'],
    ['json', '[{"op":"add","path":"/metadata/labels","value":{"k":"v"}}]', 'pod/p patched'],
    ['strategic', '{"metadata":{"labels":{"k":"v"}}}', 'pod/p patched'],
  ])('patch --type=%s', async (type, patch, printed) => {
    bench.simulator.state.create(running('p'));
    expect(await bench.kubectl('patch', 'pod', 'p', `--type=${type}`, '-p', patch)).toBe(printed);
    expect(bench.simulator.state.get('v1', 'Pod', 'default', 'p')?.metadata.labels).toEqual({ k: 'v' });
  });

  it('patch --subresource=status changes the status alone', async () => {
    await bench.apply(widget('w', { size: 1 }));
    const patch = '{"status":{"phase":"Up"}}';
    expect(await bench.kubectl('patch', 'wd', 'w', '--subresource=status', '--type=merge', '-p', patch)).toBe(
      'widget.example.com/w patched',
    );
    expect(bench.simulator.state.get('example.com/v1', 'Widget', 'default', 'w')).toMatchObject({
      spec: { size: 1 },
      status: { phase: 'Up' },
    });
  });

  it('label, annotate and edit', async () => {
    bench.simulator.state.create(running('p'));
    expect(await bench.kubectl('label', 'pod', 'p', 'aadpodidbinding=demo')).toBe('pod/p labeled');
    expect(await bench.kubectl('label', 'pod', 'p', 'aadpodidbinding=other')).toContain(
      'already has a value (demo), and --overwrite is false',
    );
    expect(await bench.kubectl('label', 'pod', 'p', 'aadpodidbinding-')).toBe('pod/p unlabeled');
    expect(await bench.kubectl('annotate', 'pod', 'p', 'k=v')).toBe('pod/p annotated');
    expect(bench.simulator.state.get('v1', 'Pod', 'default', 'p')?.metadata).toMatchObject({ annotations: { k: 'v' } });
    bench.simulator.state.create(configMap('c', { a: 'old' }));
    const editor = { ...bench.environment, KUBE_EDITOR: 'sed -i s/old/new/' };
    const child = spawn(KUBECTL, ['edit', 'configmap', 'c'], { env: editor, stdio: 'ignore' });
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(bench.simulator.state.get('v1', 'ConfigMap', 'default', 'c')).toMatchObject({ data: { a: 'new' } });
  });

  it('delete waits for finalizers', async () => {
    bench.simulator.state.create(configMap('c', {}, { finalizers: ['example.com/hold'] }));
    const deleted = bench.kubectl('delete', 'configmap', 'c');
    await bench.waitFor('DELETE', /configmaps\/c\?/);
    expect(bench.simulator.state.get('v1', 'ConfigMap', 'default', 'c')?.metadata.deletionTimestamp).toBeDefined();
    await bench.kubectl('patch', 'configmap', 'c', '--type=merge', '-p', '{"metadata":{"finalizers":null}}');
    expect(await deleted).toBe('configmap "c" deleted from default namespace');
    expect(bench.simulator.state.get('v1', 'ConfigMap', 'default', 'c')).toBeUndefined();
  });

  it.each<[string, () => object[], string[], string]>([
    [
      'several objects by selector',
      () => [{ ...pod('a'), metadata: { name: 'a', labels: { g: '1' } } }, pod('b')],
      ['pods', '-l', 'g=1'],
      'pod "a" deleted from default namespace',
    ],
    [
      'a namespace with all that is in it',
      () => [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'mine' } }],
      ['namespace', 'mine'],
      'namespace "mine" deleted',
    ],
    [
      'a CRD',
      () => [],
      ['crd', 'widgets.example.com'],
      'customresourcedefinition.apiextensions.k8s.io "widgets.example.com" deleted',
    ],
  ])('delete takes %s', async (_what, objects, args, printed) => {
    for (const object of objects()) bench.simulator.state.create(object);
    expect(await bench.kubectl('delete', ...args)).toBe(printed);
  });

  it('wait sees conditions, values and deletions', async () => {
    await bench.apply(widget('w', { size: 1 }));
    const waits = [
      bench.kubectl('wait', 'wd/w', '--for=condition=Ready', '--timeout=60s'),
      bench.kubectl('wait', 'wd/w', '--for=jsonpath={.status.phase}=Up', '--timeout=60s'),
    ];
    await bench.waitFor('GET', /widgets\?.*watch=true/);
    const status = { phase: 'Up', conditions: [{ type: 'Ready', status: 'True' }] };
    bench.simulator.state.patch('example.com/v1', 'Widget', 'default', 'w', { status });
    expect(await Promise.all(waits)).toEqual([
      'widget.example.com/w condition met',
      'widget.example.com/w condition met',
    ]);
    const gone = bench.kubectl('wait', 'wd/w', '--for=delete', '--timeout=60s');
    bench.simulator.state.delete('example.com/v1', 'Widget', 'default', 'w');
    expect([
      'widget.example.com/w condition met',
      'Error from server (NotFound): widgets.example.com "w" not found',
      '',
    ]).toContain(await gone);
  });
});
