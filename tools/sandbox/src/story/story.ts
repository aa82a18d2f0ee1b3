import { readFile } from 'node:fs/promises';
import { redactId } from '@aad-pod-identity/runtime';
import { claimsOnPage, expectEqual, readPage, whenServing } from './demo-page.ts';
import { demo, type DemoIdentity } from '../demo.ts';
import { files, type ExampleName } from '../examples.ts';
import type { Program } from '../pair.ts';
import type { Sandbox } from '../sandbox.ts';
import type { Step } from './step.ts';

const NO_TOKEN = 'Could not retrieve token...';

const apply =
  (...names: ExampleName[]) =>
  (sandbox: Sandbox) =>
    `${sandbox.kubectl} apply ${names.map((name) => `-f examples/${files[name]}`).join(' ')}`;

/** The one pod's page, in a browser. */
const page = (sandbox: Sandbox) => {
  const url = sandbox.pageOf(`default/${demo.podName}`);
  return url === '' ? [] : [url];
};

/** What a program said: as on a real cluster, and without kubectl. */
const log = (sandbox: Sandbox, program: Program) => [
  `${sandbox.kubectl} logs ${sandbox.podOf(program)}`,
  `tail ${sandbox.folder.log(program)}`,
];

const readDemoPage = async (sandbox: Sandbox) => {
  const url = await whenServing(sandbox, demo.podName);
  return await readPage(url, sandbox.signal);
};

async function expectToken(sandbox: Sandbox, identity: DemoIdentity): Promise<string> {
  const claims = claimsOnPage(await readDemoPage(sandbox));
  expectEqual("the token's appid", claims.appid, identity.clientId);
  expectEqual("the token's audience", claims.aud, demo.resource);
  return `the page says "Token: ...", of client id ${redactId(identity.clientId)} for ${demo.resource}`;
}

async function expectAssigned(sandbox: Sandbox, identityName: string): Promise<string> {
  const read = () =>
    sandbox
      .assignedTo('default', demo.podName)
      .find(({ state, identity }) => state === 'Assigned' && identity === identityName);
  const what = `AzureAssignedIdentity of ${identityName} in state Assigned`;
  const found = await sandbox.until(what, read, sandbox.patienceMs);
  return `AzureAssignedIdentity ${found.name} is Assigned`;
}

async function expectOnMachine(sandbox: Sandbox, expected: boolean): Promise<string> {
  const where = `identity ${demo.managedIdentity.name} ${expected ? 'on' : 'gone from'} the machine in Azure`;
  const read = async () => {
    const ids = await sandbox.azure.identitiesOfMachine();
    return ids.includes(demo.managedIdentity.resourceId.toLowerCase()) === expected ? true : undefined;
  };
  await sandbox.until(where, read, sandbox.patienceMs);
  return where;
}

async function redeploy(sandbox: Sandbox, pod: ExampleName): Promise<void> {
  await sandbox.delete('pod');
  await sandbox.apply(pod);
}

/** The log lines of the seed's section on debugging. */
async function readLogs(sandbox: Sandbox): Promise<string> {
  const { managedIdentity, servicePrincipal } = demo;
  const logs = await Promise.all((['mic', 'nmi'] as const).map((name) => readFile(sandbox.folder.log(name), 'utf8')));
  const text = logs.join('\n');
  const matched = `matched identityType:0 clientid:${redactId(managedIdentity.clientId)} resource:${demo.resource}`;
  if (!text.includes(matched)) throw new Error(`NMI's log should have the line ${matched}`);
  if (!/Status \(200\) took \d+ ns/.test(text)) throw new Error("NMI's log should have a line with status and time");
  for (const secret of [managedIdentity.clientId, servicePrincipal.clientId, servicePrincipal.secret]) {
    if (text.includes(secret)) throw new Error(`a log shows ${redactId(secret)} in full`);
  }
  return 'matched identity, status and time of each request are there; no client id in full, no secret';
}

async function crash(sandbox: Sandbox, name: Program): Promise<void> {
  const program = sandbox.programs[name];
  const before = program.restarts;
  program.kill();
  await sandbox.until(`restart of ${name}`, () => (program.restarts > before ? true : undefined));
}

export const story: readonly Step[] = [
  {
    title: 'A pod without an identity',
    command: apply('pod'),
    run: async (sandbox) => {
      await sandbox.apply('pod');
      expectEqual('the page', await readDemoPage(sandbox), NO_TOKEN);
      return `the page says "${NO_TOKEN}"`;
    },
    look: page,
  },
  {
    title: 'The operator describes the identity and whom it is for',
    command: apply('identity', 'binding'),
    run: async (sandbox) => {
      await sandbox.apply('identity', 'binding');
      expectEqual('the page', await readDemoPage(sandbox), NO_TOKEN);
      return 'AzureIdentity and AzureIdentityBinding are stored; no pod has the label yet, so nobody gets a token';
    },
    look: ({ kubectl }) => [`${kubectl} get azureidentity,azureidentitybinding -o wide`],
  },
  {
    title: 'The pod gets the label',
    command: apply('labelledPod'),
    run: async (sandbox) => {
      await sandbox.apply('labelledPod');
      const assigned = await expectAssigned(sandbox, demo.managedIdentity.objectName);
      return `${assigned}; ${await expectOnMachine(sandbox, true)}`;
    },
    look: (sandbox) => [`${sandbox.kubectl} get azureassignedidentity`, ...log(sandbox, 'mic')],
  },
  {
    title: 'The same pod, unmodified, has a token',
    run: (sandbox) => expectToken(sandbox, demo.managedIdentity),
    look: page,
  },
  {
    title: 'A service principal: a secret, an identity, a binding, and the pod again with another label',
    command: apply('secret', 'spIdentity', 'spBinding', 'spPod'),
    run: async (sandbox) => {
      await sandbox.apply('secret', 'spIdentity', 'spBinding');
      await redeploy(sandbox, 'spPod');
      await expectAssigned(sandbox, demo.servicePrincipal.objectName);
      return await expectToken(sandbox, demo.servicePrincipal);
    },
    look: page,
  },
  {
    title: 'No pod needs the managed identity any more',
    run: (sandbox) => expectOnMachine(sandbox, false),
  },
  {
    title: 'The logs tell what happened',
    run: readLogs,
    look: (sandbox) => log(sandbox, 'nmi'),
  },
  {
    title: 'NMI crashes and comes back',
    run: async (sandbox) => {
      await crash(sandbox, 'nmi');
      const line = await sandbox.until('token after the restart', async () => {
        const check = await sandbox.check(demo.podName);
        return check.ok ? check.line : undefined;
      });
      return line;
    },
    look: ({ metrics }) => [`curl ${metrics.nmi}`],
  },
  {
    title: 'MIC crashes while the pod moves back to the managed identity',
    command: apply('labelledPod'),
    run: async (sandbox) => {
      const crashed = crash(sandbox, 'mic');
      await redeploy(sandbox, 'labelledPod');
      await crashed;
      await expectAssigned(sandbox, demo.managedIdentity.objectName);
      return await expectToken(sandbox, demo.managedIdentity);
    },
    look: ({ metrics }) => [`curl ${metrics.mic}`],
  },
  {
    title: 'The pod is deleted',
    command: ({ kubectl }) => `${kubectl} delete -f examples/${files.pod}`,
    run: async (sandbox) => {
      await sandbox.delete('pod');
      const isDone = () => (sandbox.assignedTo('default', demo.podName).length === 0 ? true : undefined);
      await sandbox.until('end of the AzureAssignedIdentities', isDone, sandbox.patienceMs);
      return `no AzureAssignedIdentity is left; ${await expectOnMachine(sandbox, false)}`;
    },
  },
];
