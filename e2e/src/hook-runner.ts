/** Runs the pods of the chart's hooks where there is no kubelet: the program of the chart, with the rights of its account. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Cluster } from '@aad-pod-identity/cluster';
import { systemClock } from '@aad-pod-identity/runtime';

interface HookPod {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: { readonly serviceAccountName: string };
}

async function hookPods(cluster: Cluster): Promise<HookPod[]> {
  const selector = ['-l', 'app.kubernetes.io/component=hook', '--field-selector=status.phase=Pending'];
  const list = await cluster.kubectl('get', 'pods', '-A', ...selector, '-o', 'json');
  return (JSON.parse(list) as { items: HookPod[] }).items;
}

/** The certificate of the API server's authority, out of the administrator's kubeconfig. */
export function authority(cluster: Cluster): Buffer {
  const config = readFileSync(cluster.kubeconfig, 'utf8');
  const data = /certificate-authority-data"?: *"?([A-Za-z0-9+/=]+)/.exec(config)?.[1];
  if (data !== undefined) return Buffer.from(data, 'base64');
  return readFileSync(/certificate-authority"?: *"?([^"\s]+)/.exec(config)?.[1] ?? '');
}

/** What a hook's program printed. */
async function runProgram(cluster: Cluster, { metadata, spec }: HookPod): Promise<{ code: number; said: string }> {
  const { namespace } = metadata;
  const { serviceAccountName: name } = spec;
  const folder = mkdtempSync(join(tmpdir(), 'hook-'));
  try {
    writeFileSync(join(folder, 'token'), await cluster.kubectl('create', 'token', name, '-n', namespace));
    writeFileSync(join(folder, 'ca.crt'), authority(cluster));
    const configMap = await cluster.kubectl('get', 'configmap', name, '-n', namespace, '-o', 'json');
    for (const [file, content] of Object.entries((JSON.parse(configMap) as { data: Record<string, string> }).data))
      writeFileSync(join(folder, file), content);
    const env = { HOOK_API: cluster.apiServer, HOOK_ACCOUNT: folder };
    const child = spawn(process.execPath, [join(folder, 'main.mjs'), join(folder, 'settings.json')], { env });
    const [out, err, [code]] = await Promise.all([
      ...([text(child.stdout), text(child.stderr)] as const),
      once(child, 'close') as Promise<[number | null]>,
    ]);
    return { code: code ?? -1, said: out + err };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function finish(cluster: Cluster, { metadata }: HookPod, succeeded: boolean): Promise<void> {
  const status = JSON.stringify({ status: { phase: succeeded ? 'Succeeded' : 'Failed' } });
  const { name, namespace } = metadata;
  await cluster.kubectl('patch', 'pod', name, '-n', namespace, '--subresource=status', '--type=merge', '-p', status);
}

/** Runs every hook that comes up while `work` does. @returns what `work` gave, and what the hooks said */
export async function withHooks<T>(cluster: Cluster, work: () => Promise<T>): Promise<{ result: T; said: string }> {
  let over = false;
  let said = '';
  const runner = async (): Promise<void> => {
    while (!over) {
      for (const pod of await hookPods(cluster)) {
        const ended = await runProgram(cluster, pod);
        said += ended.said;
        await finish(cluster, pod, ended.code === 0);
      }
      await systemClock.sleep(200);
    }
  };
  const running = runner();
  try {
    return { result: await work(), said };
  } finally {
    over = true;
    await running;
  }
}
