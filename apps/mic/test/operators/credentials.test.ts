import { writeFile } from 'node:fs/promises';
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
});

const write = async (secret: string): Promise<void> => {
  const { app } = cluster;
  const config = { cloud: 'AzureStackCloud', tenantId: app.tenantId, aadClientId: app.clientId };
  await writeFile(cluster.file('azure.json'), JSON.stringify({ ...config, aadClientSecret: secret }));
};

it('47: a rotated credential is picked up without a restart', async () => {
  cluster.addVm('vm-0');
  cluster.bindIdentity('demo');
  cluster.addPod('web', 'vm-0', 'demo');
  cluster.app.secret = 'rotated';
  mic = startMic(cluster);
  await eventually(() => cluster.condition('web-default-demo')?.reason === 'NoTokenForArm');
  await write('rotated');
  await eventually(cluster.allAssigned(1));
});

it('47: half of a new credential is not used, the whole of it is', async () => {
  cluster.addVm('vm-0');
  cluster.bindIdentity('demo');
  cluster.addPod('web', 'vm-0', 'demo');
  mic = startMic(cluster);
  await eventually(cluster.allAssigned(1));
  await writeFile(cluster.file('azure.json'), '{"cloud":"AzureStackCloud","tenantId":"');
  cluster.app.secret = 'rotated';
  await write('rotated');
  cluster.addVm('vm-1');
  cluster.addPod('later', 'vm-1', 'demo');
  await eventually(cluster.allAssigned(2));
});
