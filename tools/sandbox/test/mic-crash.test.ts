import { demo } from '../src/demo.ts';
import type { Sandbox } from '../src/sandbox.ts';
import { startForTest } from './start.ts';

const PATIENCE = 60_000;

let sandbox: Sandbox;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ sandbox, close } = await startForTest({ armDelayMs: 1_500 }));
  await sandbox.apply('identity', 'binding');
}, 60_000);

afterAll(() => close());

const writes = async () => {
  const { requests } = await sandbox.azure.view();
  return requests.filter(({ service, method }) => service === 'arm' && method === 'PATCH').length;
};

const isOnMachine = async () =>
  (await sandbox.azure.identitiesOfMachine()).includes(demo.managedIdentity.resourceId.toLowerCase());

/** Does something that makes MIC write to ARM, and kills MIC as soon as Azure has begun with it. */
async function crashDuringWriteOf(act: () => Promise<void>): Promise<{ restarts: number; written: number }> {
  const { restarts } = sandbox.programs.mic;
  const written = await writes();
  await act();
  await sandbox.until('write to ARM', async () => ((await writes()) > written ? true : undefined), PATIENCE);
  sandbox.programs.mic.kill();
  return { restarts, written: written + 1 };
}

it(
  'a MIC that crashes while Azure assigns an identity finishes it',
  async () => {
    await crashDuringWriteOf(() => sandbox.apply('labelledPod'));
    const isAssigned = () =>
      sandbox.assignedTo('default', demo.podName).some(({ state }) => state === 'Assigned') ? true : undefined;
    await sandbox.until('assignment', isAssigned, PATIENCE);
    expect(await isOnMachine()).toBe(true);
  },
  PATIENCE,
);

it(
  'a MIC that crashes while Azure takes an identity away finishes it',
  async () => {
    await crashDuringWriteOf(() => sandbox.delete('pod'));
    const isReleased = async () =>
      sandbox.assignedTo('default', demo.podName).length === 0 && !(await isOnMachine()) ? true : undefined;
    await sandbox.until('release', isReleased, PATIENCE);
  },
  PATIENCE,
);

it(
  'a pod that goes while no MIC is there leaves nothing, though Azure was told to assign',
  async () => {
    const { restarts, written } = await crashDuringWriteOf(() => sandbox.apply('labelledPod'));
    await sandbox.delete('pod');
    await sandbox.until('restart', () => (sandbox.programs.mic.restarts > restarts ? true : undefined));
    const isClean = async () => {
      const isTakenAway = (await writes()) > written && !(await isOnMachine());
      return isTakenAway && sandbox.assignedTo('default', demo.podName).length === 0 ? true : undefined;
    };
    await sandbox.until('clean machine', isClean, PATIENCE);
  },
  PATIENCE,
);
