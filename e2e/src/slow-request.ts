import type { Cluster } from '@aad-pod-identity/cluster';
import { startClientInPod } from './client-in-pod.ts';

const SCRIPT = `
const { get } = require('node:http');
const { connect } = require('node:net');
const [url, when] = process.argv.slice(1);
const socket = connect(80, new URL(url).hostname);
const ask = (ms) => new Promise((resolve) => {
  const sent = get(url, { createConnection: () => socket, headers: { Metadata: 'true' } }, (answer) => {
    answer.resume().on('end', () => resolve({ status: answer.statusCode }));
  });
  sent.on('error', ({ code }) => resolve({ status: 0, code }));
  sent.setTimeout(ms, () => resolve({ status: 0, code: 'TIMEOUT' }));
});
const now = when === 'now' ? ask(60000) : undefined;
socket.once('connect', () => console.log('began'));
process.stdin.resume().on('end', async () => {
  console.log(JSON.stringify(await (now ?? ask(5000))));
  process.exit(0);
});
`;

export interface SlowOutcome {
  /** 0 where no answer came. */
  readonly status: number;
  readonly code?: string;
}

/**
 * Connects from inside a pod, and resolves once the connection is there.
 * @param when whether the request is sent at once, or when its answer is asked for
 */
export function slowRequest(
  cluster: Cluster,
  pod: string,
  url: string,
  when: 'now' | 'later',
): Promise<() => Promise<SlowOutcome>> {
  return startClientInPod(cluster, { pod, script: SCRIPT, args: [url, when] });
}
