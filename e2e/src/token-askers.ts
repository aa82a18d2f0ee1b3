import type { Cluster } from '@aad-pod-identity/cluster';
import { startClientInPod } from './client-in-pod.ts';

/**
 * A request every 100 ms, each on a connection of its own. What fails is tried again as Azure's SDKs do it: 404, 410, 429,
 * 5xx and connections that fail, five times, after 0.8 s and then twice as long each time.
 */
const SCRIPT = `
const { get } = require('node:http');
const [wanted, query] = process.argv.slice(1);
const path = '/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fstorage.azure.com%2F' + query;
const once = () => new Promise((resolve) => {
  const options = { agent: false, host: '169.254.169.254', path, headers: { Metadata: 'true' }, timeout: 5000 };
  const sent = get(options, (answer) => {
    let body = '';
    answer.setEncoding('utf8').on('data', (more) => (body += more)).on('end', () => {
      if (answer.statusCode !== 200) return resolve(String(answer.statusCode));
      const token = JSON.parse(body).access_token;
      const { appid } = JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
      resolve(appid === wanted ? 'right' : 'wrong');
    });
  });
  sent.on('timeout', () => sent.destroy(Object.assign(new Error(), { code: 'TIMEOUT' })));
  sent.on('error', ({ code }) => resolve(code));
});
const again = (what) => !/^[0-9]+$/.test(what) || /^(404|410|429|5..)$/.test(what);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const [failures, lost, pending] = [[], [], new Set()];
let [right, wrong] = [0, 0];
async function ask() {
  const at = Date.now();
  let what = await once();
  if (what !== 'right' && what !== 'wrong') failures.push({ at, what });
  for (let tries = 0, ms = 800; tries < 5 && what !== 'right' && what !== 'wrong' && again(what); tries++, ms *= 2) {
    await sleep(ms);
    what = await once();
  }
  if (what === 'right') right++;
  else if (what === 'wrong') wrong++;
  else lost.push({ at, what });
}
once().then((first) => console.log(first));
const timer = setInterval(() => {
  const asked = ask();
  pending.add(asked);
  asked.then(() => pending.delete(asked));
}, 100);
process.stdin.resume().on('end', async () => {
  clearInterval(timer);
  await Promise.all(pending);
  console.log(JSON.stringify({ right, wrong, failures, lost }));
  process.exit(0);
});
`;

export interface Failed {
  /** Milliseconds since the Unix epoch, when it was asked for. */
  readonly at: number;
  /** Status, or the code of the connection's error. */
  readonly what: string;
}

export interface Asked {
  /** Requests that had, at the end, a token of the identity that the pod has. */
  readonly right: number;
  /** The same of another identity. */
  readonly wrong: number;
  /** First tries that failed. */
  readonly failures: readonly Failed[];
  /** What an SDK would have given up. */
  readonly lost: readonly Failed[];
}

export interface Asker {
  readonly pod: string;
  /** Client id of the pod's identity. */
  readonly clientId: string;
  /** Whether it asks for it by name. */
  readonly named: boolean;
}

/** What clients in all pods together saw from now until the returned function is called. */
export async function startAskers(cluster: Cluster, askers: readonly Asker[]): Promise<() => Promise<Asked>> {
  const ends = await Promise.all(askers.map((asker) => startAsker(cluster, asker)));
  return async () => {
    const all = await Promise.all(ends.map((end) => end()));
    const sum = (of: (asked: Asked) => number): number => all.reduce((total, each) => total + of(each), 0);
    return {
      ...{ right: sum(({ right }) => right), wrong: sum(({ wrong }) => wrong) },
      ...{ failures: all.flatMap(({ failures }) => failures), lost: all.flatMap(({ lost }) => lost) },
    };
  };
}

function startAsker(cluster: Cluster, { pod, clientId, named }: Asker): Promise<() => Promise<Asked>> {
  const query = named ? `&client_id=${clientId}` : '';
  return startClientInPod<Asked>(cluster, { pod, script: SCRIPT, args: [clientId, query] });
}
