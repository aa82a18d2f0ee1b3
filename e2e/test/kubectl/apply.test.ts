import { type Bench, startBench } from './bench.ts';
import { configMap, pod, widget } from './samples.ts';

describe('kubectl apply', () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = await startBench();
  });
  afterEach(() => bench.close());

  describe.each<[string, string[], string, string, string]>([
    ['client-side', [], 'created', 'configured', 'unchanged'],
    ['server-side', ['--server-side'], 'serverside-applied', 'serverside-applied', 'serverside-applied'],
  ])('apply, %s', (_how, flags, created, configured, unchanged) => {
    it('creates, changes, leaves alone, and removes what is not applied any more', async () => {
      expect(await bench.apply(configMap('c', { a: '1', b: '1' }), ...flags)).toBe(`configmap/c ${created}`);
      expect(await bench.apply(configMap('c', { a: '2' }), ...flags)).toBe(`configmap/c ${configured}`);
      expect(bench.simulator.state.get('v1', 'ConfigMap', 'default', 'c')).toMatchObject({ data: { a: '2' } });
      expect(bench.simulator.state.get('v1', 'ConfigMap', 'default', 'c')?.data).not.toHaveProperty('b');
      const { resourceVersion } = bench.simulator.state.get('v1', 'ConfigMap', 'default', 'c')?.metadata ?? {};
      expect(await bench.apply(configMap('c', { a: '2' }), ...flags)).toBe(`configmap/c ${unchanged}`);
      expect(bench.simulator.state.get('v1', 'ConfigMap', 'default', 'c')?.metadata.resourceVersion).toBe(
        resourceVersion,
      );
    });

    it('does the same for a custom resource', async () => {
      expect(await bench.apply(widget('w', { size: 1 }), ...flags)).toBe(`widget.example.com/w ${created}`);
      expect(await bench.apply(widget('w', { size: 2 }), ...flags)).toBe(`widget.example.com/w ${configured}`);
      expect(await bench.apply(widget('w', { size: 2 }), ...flags)).toBe(`widget.example.com/w ${unchanged}`);
    });

    it('changes the image of a pod', async () => {
      await bench.apply(pod('p'), ...flags);
      const changed = pod('p', { spec: { containers: [{ name: 'main', image: 'demo:2' }] } });
      expect(await bench.apply(changed, ...flags)).toBe(`pod/p ${configured}`);
      expect(await bench.kubectl('get', 'pod', 'p', '-o', 'jsonpath={.spec.containers[0].image}')).toBe('demo:2');
    });
  });

  it.each<[string, object, RegExp]>([
    [
      'an unknown field of a custom resource',
      widget('w', { size: 1, odd: 1 }),
      /Widget in version "v1" cannot be handled as a Widget: strict decoding error: unknown field "spec\.odd"$/,
    ],
    [
      'an unknown field of a pod',
      pod('p', { spec: { containers: [{ name: 'a', image: 'b', odd: 1 }] } }),
      /strict decoding error: unknown field "spec\.containers\[0\]\.odd"$/,
    ],
    [
      'a value its schema does not allow',
      widget('w', { size: 99 }),
      /^The Widget "w" is invalid: spec\.size: Invalid value: 99: spec\.size in body should be less than or equal to 10$/,
    ],
  ])('apply reports %s', async (_what, object, message) => {
    expect(await bench.apply(object)).toMatch(message);
  });

  it('apply --server-side reports conflicts, and takes over when forced', async () => {
    bench.simulator.state.create(configMap('c', { a: '1' }));
    await bench.kubectl('patch', 'configmap', 'c', '--field-manager=bob', '-p', '{"data":{"a":"2"}}');
    const conflict = await bench.apply(configMap('c', { a: '3' }), '--server-side');
    expect(conflict).toContain('Apply failed with 1 conflict: conflict with "bob" using v1: .data.a');
    expect(await bench.apply(configMap('c', { a: '3' }), '--server-side', '--force-conflicts')).toBe(
      'configmap/c serverside-applied',
    );
  });
});
