import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Cluster } from '@aad-pod-identity/cluster';

/** Runs helm against a cluster, with configuration and caches of its own. @throws an Error with what it said if it fails */
export async function runHelm(helm: string, cluster: Cluster, args: readonly string[]): Promise<string> {
  const home = mkdtempSync(join(tmpdir(), 'helm-'));
  const env = {
    ...process.env,
    HOME: home,
    KUBECONFIG: cluster.kubeconfig,
    HELM_CACHE_HOME: home,
    HELM_CONFIG_HOME: home,
  };
  try {
    const { stdout } = await promisify(execFile)(helm, [...args], { env, maxBuffer: 16 * 1024 * 1024 });
    return stdout;
  } catch (error) {
    const { stderr = '', stdout = '' } = error as { stderr?: string; stdout?: string };
    throw new Error(`helm ${args.slice(0, 2).join(' ')}: ${stderr || stdout}`, { cause: error });
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** Writes values into a file for as long as `work` runs. */
export async function withValues<T>(values: unknown, work: (argument: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'values-'));
  const file = join(folder, 'values.json');
  writeFileSync(file, JSON.stringify(values));
  try {
    return await work(`--values=${file}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
