import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { freePorts, portAt } from '../src/free-port.ts';

let foreign: Server;
let taken: number;

beforeAll(async () => {
  foreign = createServer().listen(0, '0.0.0.0');
  await once(foreign, 'listening');
  taken = (foreign.address() as AddressInfo).port;
});

afterAll(() => foreign.close());

it('a pod has its page at another port when somebody listens on all addresses', async () => {
  const port = await portAt('127.77.0.2', taken);
  expect(port).not.toBe(taken);
  expect(port).toBeGreaterThan(0);
});

it('a pod has its page at the usual port when nobody listens there', async () => {
  const [free = 0] = await freePorts(1);
  expect(await portAt('127.77.0.2', free)).toBe(free);
});

it('ports that are chosen together differ', async () => {
  expect(new Set(await freePorts(50)).size).toBe(50);
});
