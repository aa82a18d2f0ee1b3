import { configMaps, fenced, type KubeClient } from '../src/index.ts';
import { type Connected, connectToSimulator } from './connected.ts';

let connected: Connected;
let may = true;
let client: KubeClient;
const ref = { namespace: 'default', name: 'map' };
const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'map' } };

beforeEach(async () => {
  connected = await connectToSimulator();
  may = true;
  client = fenced(connected.client, () => may);
});
afterEach(() => connected.close());

const methods = () => connected.simulator.requests.map(({ method }) => method);

it.each<[string, () => Promise<unknown>]>([
  ['create', () => client.create(configMaps, { namespace: 'default' }, object)],
  ['replace', () => client.replace(configMaps, ref, object)],
  ['patch', () => client.patch(configMaps, ref, {}, { type: 'merge' })],
  ['delete', () => client.delete(configMaps, ref)],
])('%s: nothing leaves once it may not', async (_method, write) => {
  may = false;
  await expect(write()).rejects.toMatchObject({ code: 'unreachable' });
  expect(methods()).toEqual([]);
});

it('is asked in the last moment: a write that waited for its connection meanwhile does not leave', async () => {
  const write = client.create(configMaps, { namespace: 'default' }, object);
  may = false;
  await expect(write).rejects.toThrow('another instance may lead by now');
  expect(methods()).toEqual([]);
});

it('reads go on, and so do writes that may', async () => {
  await client.create(configMaps, { namespace: 'default' }, object);
  may = false;
  await client.get(configMaps, ref);
  expect(methods()).toEqual(['POST', 'GET']);
});
