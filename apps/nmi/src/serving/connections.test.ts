import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { listen } from '@aad-pod-identity/runtime';
import { limitConnections } from './connections.ts';

describe('connections', () => {
  let server: Server;
  let port: number;
  let refused = 0;
  beforeAll(async () => {
    server = createServer((socket) => socket.on('error', () => undefined));
    limitConnections(server, { perAddress: 3, total: 5 }, () => refused++);
    port = await listen(server, { host: '127.0.0.1', port: 0 });
  });
  afterAll(() => server.close());
  beforeEach(() => (refused = 0));

  const opened: Socket[] = [];
  afterEach(async () => {
    for (const socket of opened.splice(0)) {
      socket.destroy();
      if (!socket.closed) await once(socket, 'close');
    }
  });

  /** Opens a connection; `cut` tells whether the server ended it. */
  async function open(from: string): Promise<{ cut: () => boolean; ended: Promise<unknown> }> {
    const socket = connect({ host: '127.0.0.1', port, localAddress: from });
    opened.push(socket);
    const ended = new Promise((resolve) => socket.on('error', () => undefined).once('close', resolve));
    await Promise.race([new Promise((resolve) => socket.once('connect', resolve)), ended]);
    return { cut: () => socket.destroyed, ended };
  }

  it('of one pod beyond its share are cut, its others and those of other pods stay', async () => {
    const kept = [await open('127.0.0.2'), await open('127.0.0.2'), await open('127.0.0.2')];
    await (
      await open('127.0.0.2')
    ).ended;
    const other = await open('127.0.0.3');
    expect([...kept, other].map(({ cut }) => cut())).toEqual([false, false, false, false]);
    expect(refused).toBe(1);
  });

  it('of a pod find room while others hold all of it: the oldest of whoever has the most goes', async () => {
    const [oldest, ...greedy] = [await open('127.0.0.4'), await open('127.0.0.4'), await open('127.0.0.4')];
    const modest = [await open('127.0.0.5'), await open('127.0.0.5')];
    const late = await open('127.0.0.6');
    await oldest.ended;
    expect([...greedy, ...modest, late].map(({ cut }) => cut())).toEqual([false, false, false, false, false]);
  });
});
