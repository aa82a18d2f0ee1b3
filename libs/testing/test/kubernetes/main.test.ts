import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { stringify } from 'yaml';

import { call } from './call.ts';
import { podObject, PODS, widgetCrd } from './samples.ts';
import { matching } from './matchers.ts';

const MAIN = fileURLToPath(new URL('../../src/kubernetes/main.ts', import.meta.url));

/** The text a program writes to its standard output until a line is complete. */
async function firstLine(child: ChildProcess): Promise<string> {
  let text = '';
  for await (const chunk of child.stdout ?? []) {
    text += String(chunk);
    if (text.includes('\n')) break;
  }
  return text;
}

describe('the simulator as a program', () => {
  let folder: string;
  const startIn = (env: Record<string, string>, ...flags: string[]) =>
    spawn(process.execPath, [MAIN, ...flags], { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  const start = (...flags: string[]) => startIn({}, ...flags);

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kubernetes-simulator-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('says when it is ready, serves CRDs and logs, writes a kubeconfig, and ends on SIGTERM', async () => {
    await writeFile(join(folder, 'crd.yaml'), stringify(widgetCrd()));
    await writeFile(join(folder, 'default_p.log'), 'a line\n');
    const kubeconfig = join(folder, 'kubeconfig');
    const child = start('--crds', folder, '--log-dir', folder, '--kubeconfig-out', kubeconfig, '--graceful-pods');
    const ended = once(child, 'exit');
    const ready = JSON.parse(await firstLine(child)) as { ready: boolean; url: string };
    expect(ready).toEqual({ ready: true, url: matching(/^http:\/\/127\.0\.0\.1:\d+$/) });
    expect(await readFile(kubeconfig, 'utf8')).toContain(`server: ${ready.url}`);
    expect((await call(ready, 'GET /apis/example.com/v1/widgets')).status).toBe(200);
    await call(ready, `POST ${PODS}`, podObject('p'));
    expect(await (await fetch(`${ready.url}${PODS}/p/log`)).text()).toBe('a line\n');
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });

  it('takes its token from the environment, where other users of the machine do not see it', async () => {
    const kubeconfig = join(folder, 'kubeconfig');
    const child = startIn({ KUBERNETES_SIMULATOR_TOKEN: 'sesame' }, '--kubeconfig-out', kubeconfig);
    const ended = once(child, 'exit');
    const ready = JSON.parse(await firstLine(child)) as { url: string };
    const status = async (headers: Record<string, string>) =>
      (await call(ready, `GET ${PODS}`, undefined, headers)).status;
    expect([await status({}), await status({ authorization: 'Bearer sesame' })]).toEqual([401, 200]);
    expect(await readFile(kubeconfig, 'utf8')).toContain('token: sesame');
    child.kill('SIGTERM');
    await ended;
  });

  it('ends when its parent closes standard input', async () => {
    const child = start('--exit-with-parent');
    const ended = once(child, 'exit');
    await firstLine(child);
    child.stdin.end();
    expect(await ended).toEqual([0, null]);
  });

  it.each([
    ['a folder of CRDs that is not there', ['--crds', '/nowhere'], 'there is no folder /nowhere'],
    [
      'a certificate that is not there',
      ['--tls-cert', '/nowhere', '--tls-key', '/nowhere'],
      "--tls-cert: can't read /nowhere",
    ],
  ])('refuses %s with one line', async (_what, flags, message) => {
    const child = start(...flags);
    const ended = once(child, 'exit');
    let text = '';
    child.stderr.on('data', (chunk) => (text += String(chunk)));
    expect(await ended).toEqual([2, null]);
    expect(text).toContain(message);
    expect(text.trim().split('\n')).toHaveLength(1);
  });
});
