/** `npm run e2e [-- --kubernetes=1.37] [jest arguments]`: brings what is missing on this machine, then runs the suite against the real tools. */
import { randomUUID } from 'node:crypto';
import { RUN_MARK } from '@aad-pod-identity/cluster';
import { runMain, systemClock } from '@aad-pod-identity/runtime';
import { bringClients } from './clients.ts';
import { buildImages } from './images.ts';
import { takeKubernetesVersion } from './kubernetes-version.ts';
import { leftBehind, machineState, processesOf } from './machine.ts';
import { keepEvidence, removeNode } from './node-cluster.ts';
import { runSuite } from './suite.ts';
import { bringTools } from './tools.ts';

const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** Whether the suite's real node is wanted: it is, unless single files are named and none of its own. */
function wantsNode(argv: readonly string[]): boolean {
  const files = argv.filter((argument) => !argument.startsWith('-'));
  return files.length === 0 || files.some((file) => file.includes('node'));
}

runMain('e2e', async ({ argv: all, env }) => {
  const { kubernetes, rest: argv } = takeKubernetesVersion(all);
  const startedAt = systemClock.monotonic();
  const tools = await bringTools(env, print, kubernetes);
  const withNode = wantsNode(argv);
  const images = withNode ? await buildImages(env, print) : [];
  if (withNode) await bringClients(env, print);
  if (withNode) await removeNode();
  const before = machineState();
  const run = randomUUID();
  const passed = await runSuite(argv, {
    ...env,
    ...tools,
    E2E_IMAGES: images.join(':'),
    E2E_KUBERNETES: kubernetes,
    [RUN_MARK]: run,
  });
  if (withNode && !passed) print(`logs and objects of the node are kept in ${await keepEvidence()}`);
  if (withNode) await removeNode();
  const left = [...leftBehind(before, machineState()), ...processesOf(run)];
  print(`the suite took ${Math.round((systemClock.monotonic() - startedAt) / 1000)} s`);
  if (left.length > 0) throw new Error(`the suite left something behind: ${left.join(' | ')}`);
  if (!passed) throw new Error('the suite has failures');
});
