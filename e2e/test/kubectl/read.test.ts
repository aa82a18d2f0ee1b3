import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

import { type Bench, KUBECTL, startBench } from './bench.ts';
import { configMap, pod, running, widget } from './samples.ts';

describe('kubectl get and describe', () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = await startBench();
  });
  afterEach(() => bench.close());

  describe('get', () => {
    it('prints the columns of pods, wide ones too', async () => {
      bench.simulator.state.create(running('p'));
      expect(await bench.kubectl('get', 'pods')).toMatch(
        /^NAME +READY +STATUS +RESTARTS +AGE\np +1\/1 +Running +0 +\d+s$/,
      );
      expect(await bench.kubectl('get', 'pods', '-o', 'wide')).toMatch(
        /IP +NODE.*\np +1\/1 +Running +0 +\d+s +10\.0\.0\.7 +n1/,
      );
    });

    it('prints objects as YAML, without their ownership', async () => {
      bench.simulator.state.create(configMap('c', { a: '1' }));
      const text = await bench.kubectl('get', 'configmap', 'c', '-o', 'yaml');
      expect(text).toContain('apiVersion: v1\ndata:\n  a: "1"\nkind: ConfigMap\nmetadata:\n');
      expect(text).not.toContain('managedFields');
    });

    it('selects by label and field, over all namespaces', async () => {
      bench.simulator.state.create({ ...running('p'), metadata: { name: 'p', labels: { app: 'x' } } });
      bench.simulator.state.create(pod('q'));
      expect(await bench.kubectl('get', 'pods', '-A', '-l', 'app=x', '-o', 'name')).toBe('pod/p');
      expect(await bench.kubectl('get', 'pods', '--field-selector', 'spec.nodeName!=n1', '-o', 'name')).toBe('pod/q');
    });

    it('prints the columns of a custom resource by its short name', async () => {
      await bench.apply(widget('w', { size: 3 }));
      expect(await bench.kubectl('get', 'wd')).toMatch(/^NAME +SIZE\nw +3$/);
    });

    it('says what there is not', async () => {
      expect(await bench.kubectl('get', 'pods')).toBe('No resources found in default namespace.');
      expect(await bench.kubectl('get', 'pod', 'none')).toBe('Error from server (NotFound): pods "none" not found');
      expect(await bench.kubectl('get', 'nothings')).toBe('error: the server doesn\'t have a resource type "nothings"');
    });

    it('follows changes with -w', async () => {
      bench.simulator.state.create(running('p'));
      const child = spawn(KUBECTL, ['get', 'pods', '-w'], { env: bench.environment });
      const printed = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      const line = async (): Promise<string> => ((await printed.next()).value as string).replace(/ +/g, ' ');
      expect([await line(), await line()]).toEqual([
        'NAME READY STATUS RESTARTS AGE',
        expect.stringMatching(/^p 1\/1 Running/),
      ]);
      await bench.waitFor('GET', /pods\?.*watch=true/);
      bench.simulator.state.patch('v1', 'Pod', 'default', 'p', {
        status: { phase: 'Succeeded', containerStatuses: null },
      });
      expect(await line()).toMatch(/^p 0\/1 Succeeded/);
      child.kill();
      await once(child, 'exit');
    });
  });

  describe('describe', () => {
    it('tells of a pod and its events', async () => {
      bench.simulator.state.create(running('p'));
      const involvedObject = {
        kind: 'Pod',
        name: 'p',
        namespace: 'default',
        uid: bench.simulator.state.get('v1', 'Pod', 'default', 'p')?.metadata.uid,
      };
      const event = { reason: 'Pulled', message: 'image there', type: 'Normal', source: { component: 'kubelet' } };
      bench.simulator.state.create({
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: 'e' },
        involvedObject,
        ...event,
      });
      const text = await bench.kubectl('describe', 'pod', 'p');
      expect(text).toMatch(/^Name: +p$/m);
      expect(text).toMatch(/^Status: +Running$/m);
      expect(text).toMatch(/Normal +Pulled +.*kubelet +image there/);
    });

    it('tells of a node and the pods on it', async () => {
      const status = { conditions: [{ type: 'Ready', status: 'True' }], nodeInfo: { kubeletVersion: 'v1.35.4' } };
      bench.simulator.state.create({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' }, spec: {}, status });
      bench.simulator.state.create(running('p'));
      const text = await bench.kubectl('describe', 'node', 'n1');
      expect(text).toMatch(/Kubelet Version: +v1\.35\.4/);
      expect(text).toMatch(/default +p +/);
    });

    it('tells of a custom resource', async () => {
      await bench.apply(widget('w', { size: 3 }));
      expect(await bench.kubectl('describe', 'widget', 'w')).toMatch(/Spec:\n +Color: +red\n +Size: +3\n/);
    });
  });
});
