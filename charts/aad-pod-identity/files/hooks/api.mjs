// The Kubernetes API as a pod of a hook sees it; nothing but Node is needed.
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';

const ACCOUNT = process.env.HOOK_ACCOUNT ?? '/var/run/secrets/kubernetes.io/serviceaccount';
const API = process.env.HOOK_API ?? 'https://kubernetes.default.svc';
const TIMEOUT_MS = 10_000;

/** Waits; a hook has no other clock. */
export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** The authority is the account's own, whatever else the pod has been told to trust. */
function send(method, path, body, type) {
  const token = readFileSync(`${ACCOUNT}/token`, 'utf8').trim();
  const headers = { Authorization: `Bearer ${token}`, Accept: 'application/json', 'Content-Type': type };
  const options = { method, headers, ca: readFileSync(`${ACCOUNT}/ca.crt`), signal: AbortSignal.timeout(TIMEOUT_MS) };
  return new Promise((resolve, reject) => {
    const sent = request(`${API}${path}`, options, (answer) => {
      text(answer).then((content) => resolve({ status: answer.statusCode, content }), reject);
    });
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** One call. Gives the object, or undefined for 404. @throws an Error with the status and what the API said */
export async function call(method, path, body, type = 'application/json') {
  const { status, content } = await send(method, path, body, type);
  if (status === 404) return undefined;
  if (status < 300) return JSON.parse(content);
  throw new Error(`${method} ${path}: ${status} ${content.slice(0, 1000)}`);
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
