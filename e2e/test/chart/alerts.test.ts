/** The alerts, as Prometheus itself judges them, and what stands in the docs for whoever is called. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CHART, named, render, ROOT } from './chart.ts';

const ALERTS = join(CHART, 'files/alerts.yaml');
const CASES = readFileSync(join(ROOT, 'e2e/fixtures/chart/alerts.test.yaml'), 'utf8');
const text = readFileSync(ALERTS, 'utf8');
const names = [...text.matchAll(/- alert: (\w+)/g)].map(([, name = '']) => name);

it('every alert fires where it must and nowhere else', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'alerts-'));
  try {
    const file = join(folder, 'cases.yaml');
    writeFileSync(file, CASES.replace('ALERTS', ALERTS));
    const { stdout } = await promisify(execFile)('promtool', ['test', 'rules', file]);
    expect(stdout).toContain('SUCCESS');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe.each(names)('%s', (name) => {
  it('has a case that fires', () => {
    const cases = CASES.split('alertname: ').filter((part) => part.startsWith(`${name}\n`));
    expect(cases.some((part) => part.includes('exp_labels'))).toBe(true);
  });

  it('has a section in the docs, which it points to', () => {
    const page = readFileSync(join(ROOT, 'docs/alerts.md'), 'utf8');
    expect(page).toContain(`\n## ${name}\n`);
    expect(text).toContain(`runbook: docs/alerts.md#${name.toLowerCase()}\n`);
  });
});

it('the rule speaks of the jobs of its own installation', async () => {
  const objects = await render({ nameOverride: 'ids', monitoring: { prometheusRule: { enabled: true } } });
  const rule = JSON.stringify(named(objects, 'PrometheusRule', 'ids'));
  expect(rule).toContain('job=\\\\\\"ids-nmi\\\\\\"'.replaceAll('\\\\\\', '\\'));
  expect(rule).not.toContain('aad-pod-identity-nmi');
});
