/** What the page says of the metrics, against everything that NMI is made of. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseFlags } from '@aad-pod-identity/runtime';
import { createLogger } from '@aad-pod-identity/telemetry';
import { fakeClock } from '@aad-pod-identity/testing';
import { flags as table } from '../src/flags.ts';
import { type Parts, wire } from '../src/wiring.ts';

interface Declared {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly labelNames: readonly string[];
}

/** Nobody listens there: wiring calls nobody. */
const KUBECONFIG = {
  clusters: [{ name: 'c', cluster: { server: 'http://127.0.0.1:9' } }],
  users: [{ name: 'u', user: {} }],
  contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
  'current-context': 'x',
};

let folder: string;
let parts: Parts;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nmi-metrics-'));
  writeFileSync(join(folder, 'kubeconfig'), JSON.stringify(KUBECONFIG));
  const env = { KUBECONFIG: join(folder, 'kubeconfig') };
  const logger = createLogger({ name: 'nmi', format: 'json', verbosity: 0, destination: { write: () => true } });
  const signal = new AbortController().signal;
  parts = await wire({ flags: parseFlags(table, ['--node=node-0'], env), env, clock: fakeClock(), logger, signal });
});
afterAll(async () => {
  await parts.close();
  rmSync(folder, { recursive: true });
});

it('docs/metrics.md names each metric of NMI, with its type, labels and meaning, and no other', () => {
  const page = readFileSync(new URL('../../../docs/metrics.md', import.meta.url), 'utf8');
  const rows = page
    .slice(page.indexOf('\n## NMI\n'))
    .split('\n')
    .filter((line) => line.startsWith('| `aadpodidentity_'))
    .map((line) => line.split('|').map((cell) => cell.trim()));
  const said = rows.map(([, name = '', type = '', labels = '', help = '']) => [name, type, labels, help]);
  const declared = (parts.metrics.registry.getMetricsAsArray() as unknown as Declared[])
    .filter(({ name }) => name.startsWith('aadpodidentity_'))
    .map(({ name, type, labelNames, help }) => [
      `\`${name}\``,
      type,
      labelNames.map((label) => `\`${label}\``).join(', '),
      help,
    ]);
  expect(said.sort()).toEqual(declared.sort());
});
