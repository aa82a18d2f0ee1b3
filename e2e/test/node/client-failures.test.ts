/** What clients get, unmodified and with their default settings, while the metadata service behind NMI is away or throttles. */
import { randomUUID } from 'node:crypto';
import { type Cluster, NODE_NAME } from '@aad-pod-identity/cluster';
import { bringClients, type Client } from '../../src/clients.ts';
import { TOKEN_URL, until } from '../../src/node-cluster.ts';
import {
  clientIdOf,
  inNetworkOf,
  OBJECT_ID,
  type Result,
  runClient,
  SECOND,
  startClientPods,
} from './clients-in-pods.ts';

const LANGUAGES = ['JavaScript', 'Python', 'Go', 'Java'];

let cluster: Cluster;
let clients: Client[];
const azure = (action: string, rest: object = {}): Promise<void> => cluster.azure.control({ action, ...rest });

beforeAll(async () => {
  clients = await bringClients(process.env, () => undefined);
  cluster = await startClientPods();
  await azure('reset');
});
afterAll(() => azure('reset'));

/** Every client at once, each for a resource of its own, so that none finds the token of another. */
async function runAll(resource: (language: string) => string): Promise<ReadonlyMap<string, Result>> {
  const results = LANGUAGES.map(async (language) => {
    const client = clients.find(({ name }) => name.includes(`(${language})`)) as Client;
    const result = await runClient(cluster, client, 'client', [`--resource=${resource(language)}`]);
    return [language, result] as const;
  });
  return new Map(await Promise.all(results));
}

/** NMI knows tokens of an earlier run on the same node. */
const RUN = randomUUID().slice(0, 8);
const fresh = (word: string) => (language: string) =>
  `https://${word}-${RUN}-${language.toLowerCase()}.vault.azure.net`;
const known = (): string => 'https://storage.azure.com';

/** How often NMI has answered with a status. */
async function answers(status: number): Promise<number> {
  const address = await cluster.kubectl('get', 'node', NODE_NAME, '-o', 'jsonpath={.status.addresses[0].address}');
  const text = await (await fetch(`http://${address}:9090/metrics`)).text();
  const counts = text.matchAll(/^aadpodidentity_nmi_operations_duration_seconds_count\{(.*)\} (\d+)$/gm);
  return [...counts]
    .filter(([, labels = '']) => labels.includes(`status_code="${status}"`))
    .reduce((sum, [, , count]) => sum + Number(count), 0);
}

async function until503s(wanted: number): Promise<void> {
  const before = await answers(503);
  await until(async () => (await answers(503)) >= before + wanted);
}

type Told = readonly [what: string, results: () => Promise<ReadonlyMap<string, Result>>];

const TROUBLES: readonly Told[] = [
  [
    'of a service that is away, and whose token NMI knows',
    async () => {
      await runAll(known);
      await azure('stopService', { service: 'imds' });
      const results = await runAll(known);
      await azure('startService', { service: 'imds' });
      return results;
    },
  ],
  [
    'of a service that was away, as soon as it is back',
    async () => {
      await azure('stopService', { service: 'imds' });
      const running = runAll(fresh('away'));
      await until503s(LANGUAGES.length);
      await azure('startService', { service: 'imds' });
      return running;
    },
  ],
  [
    'of a service that hangs, as soon as it answers',
    async () => {
      await azure('hang', { scope: 'imds.token' });
      const running = runAll(fresh('hang'));
      await until503s(LANGUAGES.length);
      await azure('reset');
      return running;
    },
  ],
  [
    'of a service that throttles for 2 s, for which NMI waits',
    async () => {
      await azure('throttle', { scope: 'imds.token', times: 1, retryAfter: 2 });
      return runAll(fresh('short'));
    },
  ],
  [
    'of a service that throttles for 20 s, for which the client waits',
    async () => {
      await azure('throttle', { scope: 'imds.token', times: 1, retryAfter: 20 });
      return runAll(fresh('long'));
    },
  ],
];

describe.each(TROUBLES)('a token %s', (_, tell) => {
  let results: ReadonlyMap<string, Result>;
  beforeAll(async () => {
    results = await tell();
  }, 240_000);

  it.each(LANGUAGES)('comes to the client library of %s', (language) => {
    const { token, error } = results.get(language) as Result;
    expect(error).toBeUndefined();
    expect(clientIdOf({ token: token ?? '' })).toBe(SECOND.clientID);
  });
});

describe('plain programs', () => {
  const HEADER = 'Metadata: true';
  const url = (rest = ''): string => `${TOKEN_URL}${rest}`;
  const other = (word: string): string => TOKEN_URL.replace('storage.azure.com', `${word}-${RUN}.vault.azure.net`);
  const curl = (...args: string[]) => inNetworkOf(cluster, 'client', ['curl', '-sS', '-H', HEADER, ...args]);
  const wget = (...args: string[]) => inNetworkOf(cluster, 'client', ['wget', '-qO-', `--header=${HEADER}`, ...args]);
  const appid = (body: string) => clientIdOf({ token: (JSON.parse(body) as { access_token: string }).access_token });

  it.each([
    ['without naming one', ''],
    ['by its client id', `&client_id=${SECOND.clientID}`],
    ['by its resource id', `&msi_res_id=${encodeURIComponent(SECOND.resourceID)}`],
    ['by its object id', `&object_id=${OBJECT_ID}`],
  ])('curl and wget get a token of the pod’s identity %s', async (_, rest) => {
    expect(appid((await curl(url(rest))).stdout)).toBe(SECOND.clientID);
    expect(appid((await wget(url(rest))).stdout)).toBe(SECOND.clientID);
  });

  it('wget knows by its code that there is no token', async () => {
    expect((await wget(url('&client_id=00000000-cccc-4000-8000-000000000004'))).code).toBe(8);
  });

  it.each<[sentence: string, fault: object, status: RegExp]>([
    ['away', { action: 'stopService', service: 'imds' }, /^HTTP\/1\.1 503 [^]*^retry-after: ([1-9]|10)\r$/im],
    [
      'throttling',
      { action: 'throttle', scope: 'imds.token', times: 1, retryAfter: 20 },
      /^HTTP\/1\.1 429 [^]*^retry-after: 20\r$/im,
    ],
  ])('curl is told of a service that is %s, and when to come back', async (word, fault, status) => {
    await cluster.azure.control({ ...fault });
    expect((await curl('-i', other(word))).stdout).toMatch(status);
    await azure('reset');
    expect(appid((await curl('--fail', '--retry', '5', other(word))).stdout)).toBe(SECOND.clientID);
  });
});
