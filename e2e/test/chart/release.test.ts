/** What a release publishes, made by the command of its workflow and read by real helm. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { HELM, ROOT } from './chart.ts';

const run = promisify(execFile);
const REPOSITORY = 'registry.example.com/team/aad-pod-identity';
const OUT = `dist/e2e-release-${process.pid}`;
const release = (...args: string[]) =>
  run(process.execPath, ['tools/generate/src/release-main.ts', `--helm=${HELM}`, `--out=${OUT}`, ...args], {
    cwd: ROOT,
  });

afterAll(() => {
  rmSync(join(ROOT, OUT), { recursive: true, force: true });
});

it('the packaged chart needs no value to name its images', async () => {
  await release(`--repository=${REPOSITORY}`, '--version=9.8.7');
  const chart = readdirSync(join(ROOT, OUT)).filter((name) => name.endsWith('.tgz'));
  expect(chart).toHaveLength(1);
  const args = ['template', 'release', join(ROOT, OUT, chart[0] ?? ''), '--kube-version=1.35.0'];
  const { stdout } = await run(HELM, args, { maxBuffer: 16 * 1024 * 1024 });
  const images = new Set([...stdout.matchAll(/ image: "?([^"\s]+)/g)].map(([, image]) => image));
  const names = ['identity-validator', 'mic', 'nmi'];
  expect([...images].sort()).toEqual(names.map((name) => `${REPOSITORY}/${name}:9.8.7`));
});

it('the plain manifests name them too', () => {
  const text = readFileSync(join(ROOT, OUT, 'deploy/infra/deployment-rbac.yaml'), 'utf8');
  expect(text.match(/image: .*/g)).toEqual([`image: "${REPOSITORY}/nmi:9.8.7"`, `image: "${REPOSITORY}/mic:9.8.7"`]);
});

it.each([
  [[], '--repository: found nothing, allowed is a registry and a folder in it'],
  [['--repository=https://x/y'], '--repository: found https://x/y, allowed is a registry and a folder in it'],
  [[`--repository=${REPOSITORY}`, '--version=v2'], '--version: found v2, allowed is a version such as 2.0.0'],
])('%j is refused in one line', async (args, line) => {
  await expect(release(...args)).rejects.toMatchObject({ stderr: expect.stringContaining(line) as string });
});
