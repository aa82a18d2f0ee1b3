/** Sandboxes of pods in a network namespace that stands for a node, joined to it in the ways of network plugins. */
import { execFile } from 'node:child_process';
import { isIPv6 } from 'node:net';
import { promisify } from 'node:util';

/** `routed` = a pair and a route for each pod, as Azure CNI does it; `bridged` = a port of one bridge for each. */
export type Joining = 'routed' | 'bridged';

export interface Sandbox {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly joining: Joining;
}

/** Addresses of the node, as its pods see it. */
export const NODE_ADDRESSES = { routed4: '10.9.0.1', routed6: 'fd09::1', bridged: '10.8.0.1' };
const ROUTER = 'fe80::1';

const run = promisify(execFile);
const ip = (command: string): Promise<unknown> => run('ip', command.split(' '));

/** The addresses that the pods ask, and the bridge. */
export async function makeNode(): Promise<void> {
  await ip('link set lo up');
  await ip(`addr add ${NODE_ADDRESSES.routed4}/32 dev lo`);
  await ip(`addr add ${NODE_ADDRESSES.routed6}/128 dev lo nodad`);
  // Without one of its own it takes over a port's, and those who know the old one are deaf for seconds.
  await ip('link add br0 address 0a:58:0a:08:00:01 type bridge');
  await ip('link set br0 up');
  await ip(`addr add ${NODE_ADDRESSES.bridged}/24 dev br0`);
}

async function routeTo(name: string, address: string): Promise<void> {
  if (isIPv6(address)) {
    await ip(`-n ${name} addr add ${address}/128 dev eth0 nodad`);
    await ip(`-n ${name} route add ${NODE_ADDRESSES.routed6}/128 via ${ROUTER} dev eth0`);
    await ip(`route replace ${address}/128 dev to-${name}`);
    return;
  }
  await ip(`-n ${name} addr add ${address}/32 dev eth0`);
  await ip(`-n ${name} route add ${NODE_ADDRESSES.routed4}/32 dev eth0`);
  await ip(`route replace ${address}/32 dev to-${name}`);
}

/** Some plugins derive the hardware address from the IP address, so it tells no pods apart. */
function hardwareAddressOf(address: string): string {
  const bytes = address.split('.').map((part) => Number(part).toString(16).padStart(2, '0'));
  return ['0a', '58', ...bytes].join(':');
}

async function plug(name: string, address: string): Promise<void> {
  await ip(`-n ${name} link set eth0 address ${hardwareAddressOf(address)}`);
  await ip(`-n ${name} addr add ${address}/24 dev eth0`);
  await ip(`link set to-${name} master br0`);
}

export async function join({ name, addresses, joining }: Sandbox): Promise<void> {
  await ip(`netns add ${name}`);
  await ip(`link add to-${name} type veth peer name eth0 netns ${name}`);
  await ip(`link set to-${name} up`);
  await ip(`addr add ${ROUTER}/64 dev to-${name} nodad`);
  await ip(`-n ${name} link set eth0 up`);
  for (const address of addresses) await (joining === 'routed' ? routeTo(name, address) : plug(name, address));
}

/** The sandbox ends: its pair goes, and with it the routes through it. */
export async function leave(name: string): Promise<void> {
  await ip(`link del to-${name}`);
}

export interface Answer {
  readonly status: number;
  readonly retryAfter?: string;
  readonly body: string;
}

const ASK = `
const { get } = require('node:http');
const done = (answer) => console.log(JSON.stringify(answer));
const options = { headers: { Metadata: 'true' }, timeout: 20000 };
get(process.argv[1], options, (answer) => {
  let body = '';
  const { statusCode: status, headers } = answer;
  answer.on('data', (text) => (body += text)).on('end', () => done({ status, retryAfter: headers['retry-after'], body }));
}).on('error', ({ code }) => done({ status: 0, body: code })).on('timeout', function () { this.destroy(); });
`;

/** Asks as a program in the sandbox would. */
export async function askFrom(name: string, url: string): Promise<Answer> {
  const { stdout } = await run('ip', ['netns', 'exec', name, process.execPath, '-e', ASK, '--', url]);
  return JSON.parse(stdout) as Answer;
}
