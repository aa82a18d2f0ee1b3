import { eventually, TestCluster } from '../cluster/cluster.ts';
import { type RunningMic, startMic } from '../cluster/in-process.ts';

let cluster: TestCluster;
let mic: RunningMic;
beforeEach(async () => {
  cluster = await TestCluster.start();
});
afterEach(async () => {
  await mic.stop();
  await cluster.close();
  expect(cluster.azure.state.concurrentWrites).toEqual([]);
});

const WAVES = 10;
const PODS = 50;

it('6: 500 pods created and deleted, each wave Assigned before the next, at defaults', async () => {
  const set = cluster.addScaleSet('set', 5);
  const identity = cluster.bindIdentity('demo');
  cluster.addPod('stays', 'set-0', 'demo');
  mic = startMic(cluster);
  await eventually(cluster.allAssigned(1));
  const names = (wave: number) => Array.from({ length: PODS }, (_, index) => `job-${wave}-${index}`);
  for (let wave = 0; wave < WAVES; wave++) {
    for (const [index, name] of names(wave).entries()) cluster.addPod(name, `set-${index % 5}`, 'demo');
    const has = (states: readonly string[], name: string) => states.includes(`${name}-default-demo Assigned`);
    await eventually(() => {
      const states = cluster.states();
      return names(wave).every((name) => has(states, name));
    });
    for (const name of names(wave)) cluster.deletePod(name);
  }
  await eventually(() => cluster.states().join() === 'stays-default-demo Assigned');
  expect([cluster.armWrites(), cluster.assigned(set)]).toEqual([1, [identity]]);
});
