import { request } from 'undici';
import type { Access } from './access.ts';

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Parsed where it is JSON, else the text. */
  readonly body: unknown;
}

export interface WatchEvent {
  readonly type: string;
  readonly object: unknown;
}

/** An open watch, read event by event. */
export interface Watch {
  readonly status: number;
  /** Undefined once the server has ended it. */
  next(): Promise<WatchEvent | undefined>;
  close(): void;
}

type Headers = Readonly<Record<string, string>>;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** One plain HTTP call; `order` is a method and a path. A body that is no text goes out as JSON. */
export async function call(access: Access, order: string, body?: unknown, headers: Headers = {}): Promise<Reply> {
  const [method = 'GET', path = '/'] = order.split(' ');
  const answer = await request(`${access.url}${path}`, {
    method,
    dispatcher: access.dispatcher,
    headers: { 'content-type': 'application/json', 'user-agent': 'contract/1', ...access.headers, ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: answer.statusCode, headers: answer.headers, body: parsed(await answer.body.text()) };
}

async function* lines(chunks: AsyncIterable<Buffer>): AsyncGenerator<string, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const complete = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = complete.pop() ?? '';
    yield* complete;
  }
  if (rest !== '') yield rest;
  return undefined;
}

export async function openWatch(access: Access, path: string, headers: Headers = {}): Promise<Watch> {
  const controller = new AbortController();
  const { statusCode, body } = await request(`${access.url}${path}`, {
    dispatcher: access.dispatcher,
    headers: { ...access.headers, ...headers },
    signal: controller.signal,
  });
  body.on('error', () => undefined);
  const events = lines(body);
  return {
    status: statusCode,
    next: async () => {
      const { value, done } = await events.next();
      return done === true ? undefined : (JSON.parse(value) as WatchEvent);
    },
    close: () => {
      controller.abort();
    },
  };
}
