import type { Dispatcher } from 'undici';
import { KubeError } from './errors.ts';

/** A page of 500 objects near etcd's limit of 1.5 MB would be more; nobody stores such, and memory has an end. */
const MAX_BODY_BYTES = 256 * 1024 * 1024;

/** Reads the whole body. @throws KubeError `badResponse` when it is longer than any answer should be. */
export async function readBytes(body: Dispatcher.ResponseData['body'], what: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) throw new KubeError('badResponse', `${what}: the answer is too long`);
    chunks.push(chunk);
  }
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, length);
}

/** @throws KubeError `badResponse` when `text` is not JSON; the text itself stays out of the message. */
export function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new KubeError('badResponse', `${what}: the answer is not JSON`);
  }
}
