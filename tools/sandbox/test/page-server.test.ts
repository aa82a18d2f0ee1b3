import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { systemClock } from '@aad-pod-identity/runtime';
import { request } from 'undici';
import { buttons } from '../src/web/actions.ts';
import { startPage, type Page } from '../src/web/page-server.ts';

let page: Page;

beforeAll(async () => {
  page = await startPage({ port: 0, clock: systemClock });
});

afterAll(() => page.close());

const origin = () => page.url.slice(0, -1);

const cases: Record<
  string,
  [method: 'GET' | 'POST', path: string, headers: () => Record<string, string>, status: number]
> = {
  'the page': ['GET', '/', () => ({}), 200],
  'its script': ['GET', '/page.js', () => ({}), 200],
  'nothing else of the folder': ['GET', '/page-server.ts', () => ({}), 404],
  'no way out of the folder': ['GET', '/../main.ts', () => ({}), 404],
  'another name for this address is refused': ['GET', '/', () => ({ host: 'rebound.example' }), 403],
  'a button pressed by another site is refused': [
    'POST',
    '/actions/delete-pod',
    () => ({ origin: 'https://elsewhere.example' }),
    403,
  ],
  'a button pressed by no site at all is refused': ['POST', '/actions/delete-pod', () => ({}), 403],
  'an unknown button': ['POST', '/actions/reboot', () => ({ origin: origin() }), 404],
  'a button before the sandbox runs': ['POST', '/actions/delete-pod', () => ({ origin: origin() }), 503],
};

it.each(Object.entries(cases))('%s', async (_sentence, [method, path, headers, status]) => {
  // not through a URL, which would tidy up the path
  const [host, port] = ['127.0.0.1', Number(new URL(page.url).port)];
  const sent = httpRequest({ host, port, method, path, headers: headers() }).end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  answer.resume();
  expect(answer.statusCode).toBe(status);
});

it('nothing of the page may come from elsewhere', async () => {
  const answer = await request(page.url);
  expect(answer.headers['content-security-policy']).toContain("default-src 'self'");
  expect(await answer.body.text()).not.toMatch(/https?:\/\//);
});

it('a taken port is one line that names the flag', async () => {
  const port = Number(new URL(page.url).port);
  await expect(startPage({ port, clock: systemClock })).rejects.toThrow(
    `--port=${port}: cannot listen on 127.0.0.1:${port}: another process listens there; choose another, or 0 for any free one`,
  );
});

it('each button has an id of its own', () => {
  expect(new Set(buttons.map(({ id }) => id)).size).toBe(buttons.length);
});
