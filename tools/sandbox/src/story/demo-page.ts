import { namespacedName } from '@aad-pod-identity/kube';
import { request } from 'undici';
import type { SandboxPod } from '../pods/kubelet.ts';
import { isServing, PAGE_PORT } from '../pods/pod-process.ts';
import type { Sandbox } from '../sandbox.ts';
import { until } from '../until.ts';

export const pageOf = (pod: SandboxPod) => `http://${pod.status?.podIP ?? ''}:${PAGE_PORT}/`;

/** The pod once it runs and its page answers. */
export async function runningPod(sandbox: Sandbox, name: string): Promise<SandboxPod> {
  const key = namespacedName({ namespace: 'default', name });
  return await until(sandbox.clock, `page of pod ${name}`, async () => {
    const pod = sandbox.pods.get(key);
    return pod?.status?.phase === 'Running' && (await isServing(pod.status.podIP ?? '')) ? pod : undefined;
  });
}

/** What a browser would show. */
export async function readPage(pod: SandboxPod): Promise<string> {
  const { body } = await request(pageOf(pod), { headersTimeout: 60_000 });
  return await body.text();
}

/** The claims of the token on a page; a page without one is an error that quotes it. */
export function claimsOnPage(page: string): Readonly<Record<string, unknown>> {
  const [, payload] = /^Token: [\w-]+\.([\w-]+)\.[\w-]+$/.exec(page) ?? [];
  if (payload === undefined) throw new Error(`the page should show a token and shows "${page.slice(0, 80)}"`);
  return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Record<string, unknown>;
}

export function expectEqual(what: string, found: unknown, expected: unknown): void {
  if (found !== expected) throw new Error(`${what} should be ${String(expected)} and is ${String(found)}`);
}
