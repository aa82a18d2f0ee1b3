import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { readClaims } from '../src/claims.ts';
import { createPageServer } from '../src/page.ts';
import type { TokenSource } from '../src/token-source.ts';

const refused: TokenSource = () => Promise.reject(new Error('refused\nwith a long explanation'));

async function get(source: TokenSource, path: string) {
  const lines: string[] = [];
  const server = createPageServer(source, (line) => lines.push(line)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`);
  const page = { status: response.status, body: await response.text(), lines };
  server.closeAllConnections();
  server.close();
  return page;
}

const pages: Record<string, [source: TokenSource, path: string, status: number, body: string, line: string[]]> = {
  'a token is shown as the seed shows it': [
    () => Promise.resolve('ey.J.x'),
    '/',
    200,
    'Token: ey.J.x',
    ['a token was obtained'],
  ],
  'without a token the page says so, and the log the first line of why': [
    refused,
    '/',
    200,
    'Could not retrieve token...',
    ['no token: refused'],
  ],
  'the probe asks for no token': [refused, '/healthz', 200, 'ok', []],
  'the icon asks for no token': [refused, '/favicon.ico', 404, 'no icon here', []],
};

it.each(Object.entries(pages))('%s', async (_sentence, [source, path, status, body, lines]) => {
  expect(await get(source, path)).toEqual({ status, body, lines });
});

const payloads: Record<string, [token: string, claims: object]> = {
  'a JWT tells whose it is': [
    `x.${Buffer.from('{"appid":"a","aud":"b"}').toString('base64url')}.y`,
    { appid: 'a', aud: 'b' },
  ],
  'a text that is no JWT has no claims': ['opaque', {}],
  'a payload that is no object has no claims': [`x.${Buffer.from('7').toString('base64url')}.y`, {}],
};

it.each(Object.entries(payloads))('%s', (_sentence, [token, claims]) => {
  expect(readClaims(token)).toEqual(claims);
});
