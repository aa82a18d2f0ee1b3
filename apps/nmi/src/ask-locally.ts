import { get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

export interface LocalRequest {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly timeoutMs: number;
}

/**
 * Asks a listener of this node once, over a connection of its own.
 * @throws the system's error, or one without a code after the time is over
 */
export async function askLocally(request: LocalRequest): Promise<{ status: number; body: string }> {
  const { timeoutMs: timeout, ...target } = request;
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const asked = get({ ...target, agent: false, timeout }, resolve).on('error', reject);
    asked.on('timeout', () => asked.destroy(new Error('no answer')));
  });
  return { status: answer.statusCode ?? 0, body: await text(answer) };
}
