import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import type { ClientTls } from './pki.ts';

export interface Answer {
  readonly status: number;
  readonly body: string;
}

export interface AskOptions {
  readonly tls?: ClientTls;
  /** Where it is asked, instead of the address in the URL. */
  readonly socket?: string | undefined;
  /** It is posted; without one it is a GET. */
  readonly body?: string;
}

const TIMEOUT_MS = 3_000;

/** One request on a connection of its own. @throws whatever kept the answer away */
export async function httpAsk(url: string, { tls, socket, body }: AskOptions): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const request = url.startsWith('https:') ? httpsRequest : httpRequest;
  const place = socket === undefined ? {} : { socketPath: socket };
  const method = body === undefined ? 'GET' : 'POST';
  const sent = request(url, { ...tls, ...place, method, agent: false, timeout: TIMEOUT_MS }, (response) => {
    text(response).then((answer) => {
      resolve({ status: response.statusCode ?? 0, body: answer });
    }, reject);
  });
  sent.on('timeout', () => sent.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)));
  sent.on('error', reject).end(body);
  return promise;
}
