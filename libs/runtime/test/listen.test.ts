import { createServer } from 'node:net';
import { listen } from '../src/index.ts';

describe('listen', () => {
  it('gives the port, and names address and reason when it is taken', async () => {
    const first = createServer();
    const port = await listen(first, { host: '127.0.0.1', port: 0 });
    const second = createServer();
    await expect(listen(second, { host: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
      message: `cannot listen on 127.0.0.1:${port}: another process listens there`,
    });
    first.close();
  });

  it('names an address that this machine does not have', async () => {
    await expect(listen(createServer(), { host: '192.0.2.1', port: 0 })).rejects.toThrow(
      'cannot listen on 192.0.2.1:0: this machine has no such address',
    );
  });
});
