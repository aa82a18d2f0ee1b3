import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle } from '../src/build.ts';

const folder = mkdtempSync(join(tmpdir(), 'bundles-'));
const apps = ['mic', 'nmi', 'identity-validator', 'migrate'];
/** What a program is called, where that is not the name of its folder. */
const names: Readonly<Record<string, string>> = { migrate: 'aad-pod-identity-migrate' };

beforeAll(async () => {
  for (const app of apps) await bundle(app, join(folder, app), 'c0ffee');
}, 60_000);

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** In a folder without node_modules: what is missing in the bundle is missing here. */
function run(app: string, ...flags: string[]) {
  const ofMic = { MIC_POD_NAMESPACE: 'default', USE_MSI: 'true', SUBSCRIPTION_ID: 's', RESOURCE_GROUP: 'g' };
  const env = { PATH: process.env.PATH, KUBECONFIG: join(folder, 'no-such-kubeconfig'), ...ofMic };
  const { stdout, stderr, status } = spawnSync(process.execPath, [join(folder, app, 'main.js'), ...flags], {
    cwd: folder,
    env,
    encoding: 'utf8',
  });
  return { stdout, stderr, status };
}

it.each(apps)('the bundle of %s prints its name, the version and the commit', (app) => {
  expect(run(app, '--version')).toEqual({
    stdout: expect.stringMatching(new RegExp(`^${names[app] ?? app} \\d+\\.\\d+\\.\\d+ c0ffee\n$`)) as string,
    stderr: '',
    status: 0,
  });
});

it.each(apps)('the bundle of %s prints its flags', (app) => {
  expect(run(app, '--help').stdout).toMatch(/^Usage: /m);
});

it.each([
  ['mic', '--leader-election-instance=i'],
  ['nmi', '--node=n'],
  ['migrate', '--output=yaml'],
])('what the bundle of %s loads only when it is needed is in it too', (app, flag) => {
  const { stderr, status } = run(app, flag);
  expect(stderr).not.toMatch(/Cannot find (module|package)|is not a function|not defined/);
  expect(stderr).toMatch(/^[\w-]+: kubeconfig \S+no-such-kubeconfig: ENOENT/);
  expect(status).not.toBe(0);
});
