import { type HttpEndpoints, startHttpEndpoints } from '../src/index.ts';

describe('startHttpEndpoints', () => {
  let endpoints: HttpEndpoints;
  beforeAll(async () => {
    endpoints = await startHttpEndpoints({
      host: '127.0.0.1',
      port: 0,
      routes: {
        '/healthz': () => ({ status: 200, body: 'Active' }),
        '/readyz': () => Promise.resolve({ status: 503, contentType: 'application/json', body: '{}' }),
        '/broken': () => {
          throw new Error('secret detail');
        },
      },
    });
  });
  afterAll(() => endpoints.close());

  it.each<[sentence: string, method: string, path: string, status: number, type: string, body: string]>([
    ['answers', 'GET', '/healthz', 200, 'text/plain; charset=utf-8', 'Active'],
    ['ignores the query', 'GET', '/healthz?x=1', 200, 'text/plain; charset=utf-8', 'Active'],
    ['waits for an answer that takes time', 'GET', '/readyz', 503, 'application/json', '{}'],
    ['sends no body to HEAD', 'HEAD', '/healthz', 200, 'text/plain; charset=utf-8', ''],
    ['refuses other methods', 'POST', '/healthz', 405, 'text/plain; charset=utf-8', 'Method Not Allowed\n'],
    ['knows no other path', 'GET', '/debug/pprof', 404, 'text/plain; charset=utf-8', 'Not Found\n'],
    ['tells nothing of an error', 'GET', '/broken', 500, 'text/plain; charset=utf-8', 'Internal Server Error\n'],
  ])('%s', async (_, method, path, status, type, body) => {
    const response = await fetch(`http://127.0.0.1:${endpoints.port}${path}`, { method });
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
      status,
      type,
      body,
    ]);
  });

  it('names a port that is taken', async () => {
    await expect(startHttpEndpoints({ host: '127.0.0.1', port: endpoints.port, routes: {} })).rejects.toThrow(
      `cannot listen on 127.0.0.1:${endpoints.port}: another process listens there`,
    );
  });
});
