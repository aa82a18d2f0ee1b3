import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { intFlag, type MainContext, parseFlags, stringFlag } from '@aad-pod-identity/runtime';
import type { Bench } from './bench.ts';
import { machine } from './machine.ts';
import { SERVERS, startApiServer } from './mic/api-server.ts';
import { startAzure } from './mic/azure-process.ts';
import { fill } from './mic/fill.ts';
import { bundleMic, startMic } from './mic/program.ts';
import {
  badIdentities,
  besides,
  bindKnown,
  bindNew,
  churn,
  eventCost,
  firstSync,
  handOver,
  type Row,
  type Stage,
  steady,
} from './mic/scenarios.ts';
import { World } from './mic/world.ts';

const flags = {
  server: stringFlag({
    default: 'simulator',
    oneOf: SERVERS,
    help: 'The Kubernetes API; real needs the cluster tools.',
  }),
  pods: intFlag({ default: 1_000, min: 10, help: 'Bound pods that are there before MIC.' }),
  nodes: intFlag({ default: 100, min: 2, help: 'Nodes.' }),
  'scale-sets': intFlag({ default: 5, min: 2, help: 'Scale sets.' }),
  identities: intFlag({ default: 20, min: 1, help: 'Identities, each with a binding.' }),
  samples: intFlag({ default: 50, min: 5, help: 'How often what happens in turn is measured.' }),
  'steady-seconds': intFlag({ default: 60, min: 1, help: 'How long the steady state is watched.' }),
  'churn-seconds': intFlag({ default: 30, min: 1, help: 'How long pods come and go, 100 a second.' }),
  only: stringFlag({
    default: '',
    help: 'Only the first sync and these, by name and comma: bind, slow, steady, event, churn, bad, beside, lead.',
  }),
  profile: stringFlag({ default: '', help: 'Folder that gets a profile of each MIC, for the DevTools of a browser.' }),
  'mic-flags': stringFlag({ default: '', help: 'Further flags of MIC, by comma.' }),
};

type Values = ReturnType<typeof parseFlags<typeof flags>>;

/** Everything besides the first sync, in the order in which it is measured. */
async function* measure(
  stage: Stage,
  values: Values,
  leading: { mic: ReturnType<Stage['startMic']> },
): AsyncGenerator<Row> {
  const wanted = values.only === '' ? undefined : values.only.split(',');
  const wants = (name: string): boolean => wanted?.includes(name) ?? true;
  const { samples } = values;
  const { azure } = stage.world;
  if (wants('steady')) yield await steady(stage, leading.mic, values['steady-seconds'] * 1000);
  if (wants('event')) yield await eventCost(stage, leading.mic, samples * 2);
  if (wants('bind')) {
    yield await bindKnown(stage, samples);
    yield await bindNew(stage, 0, samples);
  }
  if (wants('slow')) {
    yield await bindNew(stage, 5_000, Math.ceil(samples / 5));
    yield await bindNew(stage, 7_000, Math.ceil(samples / 10));
  }
  if (wants('churn')) yield* await churn(stage, leading.mic, 100, values['churn-seconds'] * 1000);
  if (wants('bad')) {
    yield await badIdentities(stage, 'forbidden', 60_000);
    yield await badIdentities(stage, 'missing', 10_000);
  }
  if (wants('beside')) {
    yield await besides(stage, 'gets 429', () => azure.tell('throttle', { match: 'set-0', retryAfter: 20 }));
    yield await besides(stage, 'never answers', () => azure.tell('hang', { match: 'set-0' }));
  }
  if (wants('lead')) {
    for (const how of ['stop', 'kill'] as const) {
      const { next, row } = await handOver(stage, leading.mic, how);
      leading.mic = next;
      yield row;
    }
  }
}

const show = ([what, figure]: Row): void => {
  process.stdout.write(`${what.padEnd(52)}  ${figure}\n`);
};

async function run({ argv, env, signal }: MainContext): Promise<void> {
  const values = parseFlags(flags, argv, env);
  const folder = mkdtempSync(join(tmpdir(), 'bench-mic-'));
  const [azure, server] = await Promise.all([startAzure(signal), startApiServer(values.server, folder, signal)]);
  try {
    const world = await World.open(server.kubeconfig, azure);
    const bundle = await bundleMic(folder, server.kubeconfig, azure.ready);
    const more = values['mic-flags'].split(',').filter((flag) => flag !== '');
    const size = { ...values, scaleSets: values['scale-sets'] };
    const filled = await fill(world, size);
    const { profile } = values;
    const nodeFlags = profile === '' ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
    const stage: Stage = { world, filled, size, startMic: () => startMic(bundle, more, nodeFlags) };
    const { pods, nodes, scaleSets, identities } = size;
    process.stdout.write(
      `${machine()}\n${values.server} Kubernetes API, ${pods} pods, ${nodes} nodes, ${scaleSets} scale sets, ${identities} identities\n\n`,
    );
    const { mic, rows } = await firstSync(stage);
    rows.forEach(show);
    const leading = { mic };
    try {
      for await (const row of measure(stage, values, leading)) show(row);
    } finally {
      // A profile is written at a clean end only.
      await (profile === '' ? leading.mic.kill() : leading.mic.stop());
    }
    await world.close();
  } finally {
    await Promise.all([azure.end(), server.end()]);
    rmSync(folder, { recursive: true, force: true });
  }
}

export const mic: Bench = {
  summary: 'MIC: from a pod to its identity, alone and in clusters of many pods',
  flags,
  run,
};
