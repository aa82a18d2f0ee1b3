import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import type { ClientTls } from './pki.ts';

export interface Answer {
  readonly status: number;
  readonly body: string;
}

const TIMEOUT_MS = 3_000;

/** One request on a connection of its own. @throws whatever kept the answer away */
export async function httpGet(url: string, tls: ClientTls): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const request = url.startsWith('https:') ? httpsRequest : httpRequest;
  const sent = request(url, { ...tls, agent: false, timeout: TIMEOUT_MS }, (response) => {
    text(response).then((body) => {
      resolve({ status: response.statusCode ?? 0, body });
    }, reject);
  });
  sent.on('timeout', () => sent.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)));
  sent.on('error', reject).end();
  return promise;
}
