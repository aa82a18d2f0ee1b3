import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@aad-pod-identity/runtime';
import type { Component } from '../src/components/component.ts';
import { layout } from '../src/plan/layout.ts';
import { endProcesses } from '../src/run/down.ts';
import { startComponent, startComponents } from '../src/run/start-components.ts';
import { claimFolder, makeFolders } from '../src/run/store.ts';

const never = new AbortController().signal;
const component = (name: string, command: string[], changes: Partial<Component> = {}): Component => ({
  ...{ name, command, after: [], ready: [] },
  ...changes,
});

describe('components are started', () => {
  const order = async (components: Component[]) => {
    const seen: string[] = [];
    const start = async ({ name }: Component) => {
      await systemClock.sleep(name === 'etcd' ? 5 : 0);
      seen.push(name);
      return name === 'etcd';
    };
    return { started: await startComponents(components, start, never), seen };
  };

  it('after those that they wait for', async () => {
    const components = [component('etcd', []), component('api', [], { after: ['etcd'] }), component('other', [])];
    expect(await order(components)).toEqual({ started: true, seen: ['other', 'etcd', 'api'] });
  });
  it('not at all once another has failed, whose failure is the one that is told', async () => {
    const seen: string[] = [];
    const start = async ({ name }: Component, signal: AbortSignal) => {
      seen.push(name);
      if (name === 'etcd') throw new Error('etcd broke');
      await systemClock.sleep(60_000, signal);
      return true;
    };
    const components = [component('slow', []), component('etcd', []), component('api', [], { after: ['etcd'] })];
    await expect(startComponents(components, start, never)).rejects.toThrow('etcd broke');
    expect(seen).toEqual(['slow', 'etcd']);
  });
});

describe('one component', () => {
  let folder: string;
  const place = () => layout({ folder });
  const context = () => ({
    ...{ layout: place(), clock: systemClock, tls: { ca: '', cert: '', key: '' } },
    enter: ({ command }: Component) => command,
    execute: () => Promise.resolve(),
  });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cluster-start-'));
    claimFolder(place());
    makeFolders(place());
  });
  afterEach(async () => {
    await endProcesses(place(), systemClock, 'SIGKILL');
    rmSync(folder, { recursive: true });
  });

  it('is never taken for ended while it is on its way, however often it is started', async () => {
    for (let round = 0; round < 20; round++) {
      const sleeper = component(`sleeper${round}`, ['sleep', '100']);
      expect(await startComponent(sleeper, context(), never)).toBe(true);
    }
  });
  it('that runs is not started again', async () => {
    const sleeper = component('sleeper', ['sleep', '100']);
    await startComponent(sleeper, context(), never);
    const record = readFileSync(place().pid('sleeper'), 'utf8');
    expect(await startComponent(sleeper, context(), never)).toBe(false);
    expect(readFileSync(place().pid('sleeper'), 'utf8')).toBe(record);
  });
  it('that ends is named with its last words and its log', async () => {
    const broken = component('broken', ['sh', '-c', 'echo no such flag; exit 1'], {
      ready: [{ kind: 'http', url: 'http://127.0.0.1:1/' }],
    });
    const log = place().log('broken');
    await expect(startComponent(broken, context(), never)).rejects.toThrow(
      `broken ended: no such flag; its log is ${log}`,
    );
  });
});
