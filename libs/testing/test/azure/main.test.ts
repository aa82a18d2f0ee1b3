import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createRunCa } from '../../src/index.ts';

const MAIN = join(import.meta.dirname, '../../src/azure/main.ts');
const SUBSCRIPTION = '11111111-2222-3333-4444-555555555555';
const IDENTITY = `/subscriptions/${SUBSCRIPTION}/resourcegroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/demo`;

interface Ready {
  readonly ready: boolean;
  readonly entraUrl: string;
  readonly armUrl: string;
  readonly imds: Record<string, string>;
  readonly controlUrl: string;
}

interface View {
  readonly resources: { id: string; userAssigned: string[] }[];
  readonly identities: { id: string; breakage?: string }[];
  readonly stopped: string[];
  readonly requests: { service: string; status: number }[];
}

let folder: string;
let ready: Ready;
let stop: () => Promise<number | null>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'azure-simulator-'));
  const ca = createRunCa();
  const file = async (name: string, content: string): Promise<string> => {
    await writeFile(join(folder, name), content);
    return join(folder, name);
  };
  const state = {
    subscriptionId: SUBSCRIPTION,
    identities: [{ resourceGroup: 'g', name: 'demo' }],
    vms: [{ resourceGroup: 'g', name: 'vm', userAssigned: [IDENTITY] }],
    scaleSets: [{ resourceGroup: 'g', name: 'set', instances: 2 }],
    apps: [{ clientId: 'app', secret: 'hidden-secret' }],
  };
  const args = [
    `--state=${await file('state.json', JSON.stringify(state))}`,
    `--ca-cert=${await file('ca.pem', ca.certPem)}`,
    `--ca-key=${await file('ca-key.pem', ca.keyPem)}`,
    `--ca-out=${join(folder, 'ca-out.pem')}`,
    `--environment-out=${join(folder, 'env.json')}`,
    '--exit-with-parent',
  ];
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  ready = JSON.parse(line) as Ready;
  stop = async () => {
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    const [code] = (await exit) as [number | null];
    return code;
  };
}, 30_000);

afterAll(async () => {
  expect(await stop()).toBe(0);
  await rm(folder, { recursive: true });
});

const view = async (): Promise<View> => (await fetch(`${ready.controlUrl}/state`)).json() as Promise<View>;

async function control(action: object, headers: Record<string, string> = {}): Promise<number> {
  const answer = await fetch(`${ready.controlUrl}/control`, { method: 'POST', body: JSON.stringify(action), headers });
  return answer.status;
}

it('its first line says where everything is', () => {
  expect(ready).toMatchObject({ ready: true, entraUrl: expect.stringMatching(/^https:/) as string });
  expect(Object.keys(ready.imds)).toEqual(['vm', 'set000000', 'set000001']);
});

it('it writes the authority and the description of the cloud', async () => {
  expect(await readFile(join(folder, 'ca-out.pem'), 'utf8')).toContain('BEGIN CERTIFICATE');
  const environment = JSON.parse(await readFile(join(folder, 'env.json'), 'utf8')) as object;
  expect(environment).toMatchObject({
    name: 'AzureStackCloud',
    activeDirectoryEndpoint: `${ready.entraUrl}/`,
    resourceManagerEndpoint: `${ready.armUrl}/`,
    tokenAudience: `${ready.armUrl}/`,
  });
});

it('its state shows assignments, identities and requests, and no secret', async () => {
  await fetch(`${ready.imds.vm ?? ''}/metadata/versions`, { headers: { Metadata: 'true' } });
  const found = await view();
  expect(found.resources[0]).toMatchObject({ userAssigned: [IDENTITY] });
  expect(found.requests.at(-1)).toMatchObject({ service: 'imds', status: 200 });
  expect(JSON.stringify(found)).not.toContain('hidden-secret');
});

it('its control breaks and mends identities, and stops and starts services', async () => {
  expect(await control({ action: 'breakIdentity', id: IDENTITY, breakage: 'forbidden' })).toBe(200);
  expect(await control({ action: 'stopService', service: 'imds' })).toBe(200);
  expect(await view()).toMatchObject({ stopped: ['imds'], identities: [{ breakage: 'forbidden' }] });
  await expect(fetch(`${ready.imds.vm ?? ''}/metadata/versions`)).rejects.toThrow();
  expect(await control({ action: 'reset' })).toBe(200);
  expect((await view()).stopped).toEqual([]);
  expect((await fetch(`${ready.imds.vm ?? ''}/metadata/versions`)).status).toBe(400);
});

it.each<[string, object, number, Record<string, string>?]>([
  ['an unknown action', { action: 'explode' }, 400],
  ['an action of every object', { action: 'toString' }, 400],
  ['an unknown identity', { action: 'breakIdentity', id: 'nobody' }, 404],
  ['an unknown service', { action: 'stopService', service: 'all' }, 400],
  ['a page of another origin', { action: 'reset' }, 403, { origin: 'https://evil.example' }],
])('its control refuses %s', async (_, action, status, headers = {}) => {
  expect(await control(action, headers)).toBe(status);
});
