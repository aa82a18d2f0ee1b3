import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMetrics, silentLogger } from '@aad-pod-identity/telemetry';
import { nodeInterfaces, tellSharedBridges } from './preflight.ts';

const folder = mkdtempSync(join(tmpdir(), 'interfaces-'));
const port = (bridge: string, name: string) => mkdirSync(join(folder, bridge, 'brif', name), { recursive: true });
beforeAll(() => {
  for (const name of ['eth0', 'lo']) mkdirSync(join(folder, name));
  port('cni0', 'veth1');
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

it('the kernel tells the interfaces, and how many are attached to a bridge', () => {
  const found = nodeInterfaces(folder).sort((a, b) => (a.name < b.name ? -1 : 1));
  expect(found.map(({ name, ports }) => `${name} ${ports}`)).toEqual(['cni0 1', 'eth0 0', 'lo 0']);
  expect(nodeInterfaces(join(folder, 'nowhere'))).toEqual([]);
});

it('a bridge that pods share is a warning and a metric, which sees those that come later', async () => {
  const metrics = createMetrics({ processMetrics: false });
  const warnings: unknown[] = [];
  const logger = { ...silentLogger, warn: (line: string, fields?: object) => void warnings.push([line, fields]) };
  tellSharedBridges(metrics, logger, () => nodeInterfaces(folder));
  expect(warnings).toEqual([[expect.stringMatching(/^pods share a bridge; /), { bridges: 'cni0' }]]);
  expect(await metrics.render()).toMatch(/^aadpodidentity_nmi_shared_bridges 1$/m);
  port('br1', 'veth2');
  expect(await metrics.render()).toMatch(/^aadpodidentity_nmi_shared_bridges 2$/m);
});
