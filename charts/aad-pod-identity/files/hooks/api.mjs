// The Kubernetes API as a pod of a hook sees it; nothing but Node is needed.
import { readFileSync } from 'node:fs';

const ACCOUNT = process.env.HOOK_ACCOUNT ?? '/var/run/secrets/kubernetes.io/serviceaccount';
const API = process.env.HOOK_API ?? 'https://kubernetes.default.svc';
const TIMEOUT_MS = 10_000;

/** Waits; a hook has no other clock. */
export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** One call. Gives the object, or undefined for 404. @throws an Error with the status and what the API said */
export async function call(method, path, body, type = 'application/json') {
  const token = readFileSync(`${ACCOUNT}/token`, 'utf8').trim();
  const answer = await fetch(`${API}${path}`, {
    method,
    headers: { Authorization: `Bearer ${token}`, Accept: 'application/json', 'Content-Type': type },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const found = await answer.json();
  if (answer.ok) return found;
  if (answer.status === 404) return undefined;
  const error = new Error(`${method} ${path}: ${answer.status} ${found.message ?? ''}`);
  error.status = answer.status;
  throw error;
}

export const merge = (path, patch) => call('PATCH', path, patch, 'application/merge-patch+json');

/** Tries again what fails, until it succeeds or `deadline` has passed. */
export async function retried(deadline, work) {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      console.log(`${error.message}; trying again`);
      await sleep(1000);
    }
  }
}
