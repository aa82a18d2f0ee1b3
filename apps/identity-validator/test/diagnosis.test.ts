import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { systemClock } from '@aad-pod-identity/runtime';
import { fakeClock } from '@aad-pod-identity/testing';
import { diagnosisOf, type Finding, findOut, proxyProblem } from '../src/diagnosis.ts';

const probeOf = (port: number) => ({ authority: `http://127.0.0.1:${port}`, resource: 'r', clientId: '' });

async function serving(answer: Parameters<typeof createServer>[1]) {
  const server = createServer(answer ?? (() => undefined)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { server, close, probe: probeOf((server.address() as AddressInfo).port) };
}

describe('what a request to the metadata address comes to:', () => {
  it('an answer', async () => {
    const asked: (string | undefined)[] = [];
    const { probe, close } = await serving((request, response) => {
      asked.push(request.url, request.headers.metadata as string);
      response.writeHead(404).end('{}');
    });
    expect(await findOut({ ...probe, clientId: 'c' }, systemClock)).toEqual({
      kind: 'answered',
      status: 404,
      body: '{}',
    });
    expect(asked).toEqual(['/metadata/identity/oauth2/token?api-version=2018-02-01&resource=r&client_id=c', 'true']);
    close();
  });

  it('nobody listens', async () => {
    const { probe, close } = await serving(() => undefined);
    close();
    expect(await findOut(probe, systemClock)).toEqual({ kind: 'rejected', code: 'ECONNREFUSED' });
  });

  it('a connection, and then nothing', async () => {
    const clock = fakeClock();
    const { server, probe, close } = await serving(() => undefined);
    const finding = findOut(probe, clock);
    await once(server, 'request');
    await clock.advance(8_000);
    expect(await finding).toEqual({ kind: 'unanswered', afterMs: 5_000 });
    close();
  });

  it('packets that nobody answers', async () => {
    const { port, end } = await fullListener();
    const clock = fakeClock();
    const finding = findOut(probeOf(port), clock);
    await clock.advance(3_000);
    expect(await finding).toEqual({ kind: 'dropped', afterMs: 3_000 });
    await end();
  });
});

/** A listener that takes nobody any more: its process accepts nothing, and the kernel has no room for more. */
async function fullListener() {
  const script = `
    const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      require('node:fs').writeSync(1, String(server.address().port));
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(said.toString());
  // a backlog of n has room for n + 1
  const taken = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
  await Promise.all(taken.map((socket) => once(socket, 'connect')));
  const end = async () => {
    for (const socket of taken) socket.destroy();
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return { port, end };
}

const sentences: Record<string, [Finding, RegExp]> = {
  'dropped packets: a network policy, with what it must allow': [
    { kind: 'dropped', afterMs: 3_000 },
    /within 3 s.*NetworkPolicy.*TCP port 80 of 169\.254\.169\.254\/32.*2579/,
  ],
  'a refused connection: NMI, or a policy that rejects': [
    { kind: 'rejected', code: 'ECONNREFUSED' },
    /ECONNREFUSED.*NMI does not run.*NetworkPolicy/,
  ],
  'silence: an identity that is not assigned yet': [{ kind: 'unanswered', afterMs: 5_000 }, /within 5 s.*assigned/],
  'a refusal of NMI: what it says': [
    { kind: 'answered', status: 400, body: '{"error":"invalid_request","error_description":"Identity not found"}' },
    /400: Identity not found$/,
  ],
  'an answer of somebody else': [{ kind: 'answered', status: 403, body: '<html>' }, /403.*not NMI$/],
  'a token: the client does not reach the address': [{ kind: 'answered', status: 200, body: '{}' }, /gives a token/],
};

it.each(Object.entries(sentences))('is told of %s', (_sentence, [finding, expected]) => {
  expect(diagnosisOf(finding)).toMatch(expected);
});

it('never tells the token that it got', () => {
  expect(diagnosisOf({ kind: 'answered', status: 200, body: '{"access_token":"secret"}' })).not.toContain('secret');
});

const proxies: Record<string, [env: Record<string, string>, told: boolean]> = {
  'none is set': [{}, false],
  'one is set': [{ HTTP_PROXY: 'http://proxy' }, true],
  'one is set, in small letters': [{ http_proxy: 'http://proxy' }, true],
  'one is set, not for the metadata address': [{ HTTP_PROXY: 'p', NO_PROXY: 'x, 169.254.169.254' }, false],
  'one is set, for nothing': [{ HTTP_PROXY: 'p', no_proxy: '*' }, false],
};

it.each(Object.entries(proxies))('proxy: %s', (_sentence, [env, told]) => {
  expect(proxyProblem(env) !== undefined).toBe(told);
});
