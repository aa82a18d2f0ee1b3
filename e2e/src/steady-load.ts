import type { Cluster } from '@aad-pod-identity/cluster';
import { startClientInPod } from './client-in-pod.ts';

/** 100 requests a second, half of them over connections that stay open, until the end of its input. */
const SCRIPT = `
const { Agent, get } = require('node:http');
const path = '/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fstorage.azure.com%2F';
const agents = Array.from({ length: 10 }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
const [failures, slowest, pending] = [{}, { ms: 0 }, new Set()];
let answered = 0;
const fail = (what) => (failures[what] = (failures[what] ?? 0) + 1);
const ask = (agent, kind) => new Promise((resolve) => {
  const at = performance.now();
  const options = { agent, host: '169.254.169.254', path, headers: { Metadata: 'true' }, timeout: 60000 };
  const sent = get(options, (answer) => {
    answer.resume().on('end', () => {
      slowest.ms = Math.max(slowest.ms, Math.round(performance.now() - at));
      if (answer.statusCode === 200 && answered++ === 0) console.log('began');
      if (answer.statusCode === 200) return resolve();
      fail(kind + ' ' + answer.statusCode);
      resolve();
    });
  });
  sent.on('timeout', () => sent.destroy(Object.assign(new Error(), { code: 'TIMEOUT' })));
  sent.on('error', ({ code }) => { fail(kind + ' ' + code); resolve(); });
});
let n = 0;
const timer = setInterval(() => {
  const asked = n++ % 2 === 0 ? ask(agents[(n >> 1) % agents.length], 'old') : ask(false, 'new');
  pending.add(asked);
  asked.then(() => pending.delete(asked));
}, 10);
process.stdin.resume().on('end', async () => {
  clearInterval(timer);
  await Promise.all(pending);
  console.log(JSON.stringify({ answered, failures, slowestMs: slowest.ms }));
  process.exit(0);
});
`;

export interface Answers {
  readonly answered: number;
  /** Kind of the connection, and the status or the code of an error -> how often. */
  readonly failures: Readonly<Record<string, number>>;
  readonly slowestMs: number;
}

/** Asks for tokens from inside a pod until `end`; resolves with the first token. */
export async function startSteadyLoad(
  cluster: Cluster,
  pod: string,
  namespace = 'default',
): Promise<{ end: () => Promise<Answers> }> {
  return { end: await startClientInPod<Answers>(cluster, { pod, namespace, script: SCRIPT }) };
}
