import { namespacedName } from '@aad-pod-identity/kube';
import { request } from 'undici';
import { isServing } from '../pods/pod-process.ts';
import type { Sandbox } from '../sandbox.ts';

/** URL of the page of a pod in the namespace `default`, once it runs and answers. */
export async function whenServing(sandbox: Sandbox, name: string): Promise<string> {
  const key = namespacedName({ namespace: 'default', name });
  return await sandbox.until(`page of pod ${name}`, async () => {
    const page = sandbox.pageOf(key);
    return sandbox.pods.get(key)?.status?.phase === 'Running' && (await isServing(page)) ? page : undefined;
  });
}

/** What a browser would show. */
export async function readPage(page: string, signal: AbortSignal): Promise<string> {
  const { body } = await request(page, { headersTimeout: 60_000, signal });
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
