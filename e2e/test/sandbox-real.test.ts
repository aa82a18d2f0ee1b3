import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { isAlive } from '../src/machine.ts';
import { until } from '../src/node-cluster.ts';
import { startSandboxProcess, type SandboxProcess } from '../src/sandbox-process.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');

it('the walk-through on a real API server has both answers, and leaves nothing', async () => {
  const temp = mkdtempSync(join(tmpdir(), 'real-'));
  const env = { ...process.env, TMPDIR: temp, npm_config_update_notifier: 'false' };
  const child = spawn('npm', ['start', '--', '--real', '--once'], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  expect(out).toContain('ok: the page says "Could not retrieve token..."');
  expect(out).toContain('ok: the page says "Token: ..."');
  expect([child.exitCode, err]).toEqual([0, '']);
  // npm's own cache of compiled code is none of the sandbox's
  expect(readdirSync(temp).filter((name) => name !== 'node-compile-cache')).toEqual([]);
  rmSync(temp, { recursive: true });
});

describe('a sandbox with a real API server', () => {
  let sandbox: SandboxProcess;
  let pids: number[];

  const kubectl = async (...args: string[]) =>
    (await run(process.env.E2E_KUBECTL ?? 'kubectl', ['--kubeconfig', sandbox.kubeconfig, ...args], { cwd: root }))
      .stdout;

  const controlPlane = () => join(sandbox.folder, 'control-plane');
  const pidOf = (component: string) =>
    Number(readFileSync(join(controlPlane(), 'pids', component), 'utf8').split(' ')[0]);

  beforeEach(async () => {
    sandbox = await startSandboxProcess('--real', '--story=false');
    pids = readdirSync(join(controlPlane(), 'pids')).map(pidOf);
  });

  afterEach(async () => {
    await sandbox.stop();
    await until(() => !pids.some(isAlive));
    rmSync(sandbox.folder, { recursive: true });
  });

  it('is used by kubectl like any cluster, and Ctrl-C leaves no process and no key', async () => {
    expect(pids).toHaveLength(3);
    expect(await kubectl('version')).toMatch(/Server Version: v1\.\d+\.\d+\n/);
    await kubectl('apply', '-f', 'examples/pod.yaml', '-f', 'examples/azureidentity.yaml');
    await kubectl('wait', '--for=condition=Ready', 'pod', '--all', '--timeout=20s');
    await kubectl('wait', '--for=condition=Ready', 'node', '--all', '--timeout=20s');
    expect(await kubectl('get', 'nodes', '-o', 'jsonpath={.items[*].spec.taints}')).toBe('');
    expect(await kubectl('logs', 'podidentitydemo')).toMatch(/^the page is at /);
    expect(await kubectl('logs', '-l', 'component=nmi', '--tail=1')).toMatch(/^time=[^\n]+\n$/);
    await expect(kubectl('logs', 'nobody')).rejects.toThrow('not found');
    expect(await kubectl('delete', 'pod', 'podidentitydemo')).toMatch(/deleted/);
    expect(await sandbox.stop()).toBe(0);
    expect(pids.filter(isAlive)).toEqual([]);
    expect(readdirSync(controlPlane())).toEqual(['logs']);
    expect(existsSync(sandbox.kubeconfig)).toBe(false);
  });

  it('applies as kubectl does, so that a server-side apply goes on with it', async () => {
    await press('apply-labelled-pod');
    await kubectl('apply', '--server-side', '-f', 'examples/service-principal/pod.yaml');
    const label = '-o=jsonpath={.metadata.labels.aadpodidbinding}';
    expect(await kubectl('get', 'pod', 'podidentitydemo', label)).toBe('sp-access');
    expect(await kubectl('apply', '--server-side', '-f', 'charts/aad-pod-identity/crds')).toMatch(/serverside-applied/);
  });

  it('ends with a line that says so when the API server dies', async () => {
    const ended = once(sandbox.child, 'exit');
    process.kill(pidOf('kube-apiserver'), 'SIGKILL');
    await ended;
    expect(sandbox.child.exitCode).toBe(1);
    expect(readdirSync(join(controlPlane(), 'logs'))).toContain('kube-apiserver.log');
  });

  it('leaves nothing running when it is killed itself', async () => {
    sandbox.child.kill('SIGKILL');
    await until(() => !pids.some(isAlive));
    await until(() => !existsSync(controlPlane()));
  });

  async function press(button: string): Promise<void> {
    const { origin } = new URL(sandbox.pageUrl);
    const { ok } = await fetch(`${origin}/actions/${button}`, { method: 'POST', headers: { origin } });
    expect(ok).toBe(true);
  }
});
