import type { Cluster } from '@aad-pod-identity/cluster';

/** Runs in a pod: `count` requests, 16 at a time; `{n}` in the target and in each header is the number of the request. */
const SCRIPT = `
const { Agent, request } = require('node:http');
const [count, target, headers] = [Number(process.argv[1]), process.argv[2], JSON.parse(process.argv[3])];
const agent = new Agent({ keepAlive: true, maxSockets: 16 });
const numbered = (text, n) => text.replaceAll('{n}', n);
const statuses = {};
let next = 0;
const ask = (n) => new Promise((resolve) => {
  const own = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, numbered(value, n)]));
  const options = { agent, host: '169.254.169.254', path: numbered(target, n), headers: { Metadata: 'true', ...own } };
  const done = (status) => { statuses[status] = (statuses[status] ?? 0) + 1; resolve(); };
  request(options, (answer) => answer.resume().on('end', () => done(answer.statusCode)))
    .on('error', ({ code }) => done(code))
    .end();
});
const worker = async () => { while (next < count) await ask(next++); };
Promise.all(Array.from({ length: 16 }, worker)).then(() => {
  console.log(JSON.stringify(statuses));
  process.exit(0);
});
`;

export interface Load {
  readonly count: number;
  /** Path and query. */
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Asks the metadata address from inside a pod, many times. @returns how often each status, or code of an error, came */
export async function askMany(
  cluster: Cluster,
  pod: string,
  { count, target, headers = {} }: Load,
): Promise<Readonly<Record<string, number>>> {
  const script = ['node', '-e', SCRIPT, '--', String(count), target, JSON.stringify(headers)];
  return JSON.parse(await cluster.kubectl('exec', pod, '--', ...script)) as Record<string, number>;
}
