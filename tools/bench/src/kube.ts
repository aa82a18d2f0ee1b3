import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { intFlag, type MainContext, parseFlags } from '@aad-pod-identity/runtime';
import { createRunCa } from '@aad-pod-identity/testing';
import type { Bench } from './bench.ts';
import { bundleInto } from './bundle.ts';
import { startChild } from './children.ts';
import type { ClientFigures } from './kube/measured.ts';
import { comparison } from './kube/report.ts';
import { machine } from './machine.ts';

const flags = {
  pods: intFlag({ default: 10_000, min: 1, help: 'Pods that are listed; each is some 4.4 KB of JSON.' }),
  events: intFlag({ default: 40_000, min: 1, help: 'Events that the watch then brings; each changes a pod.' }),
  runs: intFlag({ default: 3, min: 1, help: 'How often each client is measured, in turn; the medians are shown.' }),
};

/** Each a program of its own, so that memory and compiled code are its own too. */
const CLIENTS = { 'libs/kube': 'own-client', 'client-node informer': 'informer-client' } as const;
type ClientName = keyof typeof CLIENTS;

interface Bundles {
  readonly folder: string;
  readonly certPem: string;
  readonly keyPem: string;
}

/** What a pod finds mounted, and the programs bundled as they are for an image. */
async function prepare(folder: string): Promise<Bundles> {
  const ca = createRunCa();
  writeFileSync(join(folder, 'ca.crt'), ca.certPem);
  writeFileSync(join(folder, 'token'), 'a-token-of-the-bench');
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  await bundleInto(
    folder,
    ['server', ...Object.values(CLIENTS)].map((name) => `kube/${name}.ts`),
  );
  return { folder, ...ca.issue({ commonName: 'kubernetes', altNames: ['127.0.0.1'] }) };
}

type Size = { readonly pods: number; readonly events: number };

async function measureClient(name: ClientName, bundles: Bundles, size: Size, signal: AbortSignal) {
  const { folder, certPem, keyPem } = bundles;
  const server = startChild(join(folder, 'server.js'), { ...size, certPem, keyPem }, [], signal);
  const port = await server.message();
  const settings = { ...size, port, serviceAccountDir: folder };
  const client = startChild(join(folder, `${CLIENTS[name]}.js`), settings, ['--expose-gc'], signal);
  const figures = (await client.message()) as ClientFigures;
  await client.end();
  await server.end();
  return figures;
}

async function measureAll(bundles: Bundles, size: Size, runs: number, signal: AbortSignal) {
  const figures: Record<ClientName, ClientFigures[]> = { 'libs/kube': [], 'client-node informer': [] };
  for (let run = 0; run < runs; run++) {
    for (const name of Object.keys(CLIENTS) as ClientName[]) {
      figures[name].push(await measureClient(name, bundles, size, signal));
    }
  }
  return figures;
}

async function run({ argv, env, signal }: MainContext): Promise<void> {
  const { runs, ...size } = parseFlags(flags, argv, env);
  const folder = mkdtempSync(join(tmpdir(), 'bench-kube-'));
  try {
    const figures = await measureAll(await prepare(folder), size, runs, signal);
    const task = `${size.pods} pods listed, then ${size.events} events, over TLS; medians of ${runs} runs`;
    process.stdout.write(`${machine()}\n${task}\n\n${comparison(figures, size.events)}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const kube: Bench = {
  summary: "list and watch: this project's client beside the informer of @kubernetes/client-node",
  flags,
  run,
};
