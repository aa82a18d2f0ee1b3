import { isRecord, type JsonRecord, stringAt } from '../../src/kubernetes/json.ts';
import type { KubernetesSimulator } from '../../src/kubernetes/index.ts';

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: JsonRecord;
}

export const MERGE = 'application/merge-patch+json';
export const STRATEGIC = 'application/strategic-merge-patch+json';
export const JSON_PATCH = 'application/json-patch+json';
export const APPLY = 'application/apply-patch+yaml';

/** The value of a JSON text; a text that is none, such as a page, for itself. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** One plain HTTP call. A body that is no text goes out as JSON. */
export async function call(
  simulator: Pick<KubernetesSimulator, 'url'>,
  request: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  const [method = 'GET', path = '/'] = request.split(' ');
  const response = await fetch(`${simulator.url}${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const value = parsed(await response.text());
  return { status: response.status, headers: response.headers, body: isRecord(value) ? value : {} };
}

/** One patch of the given media type. */
export function patch(
  simulator: Pick<KubernetesSimulator, 'url'>,
  path: string,
  type: string,
  body: unknown,
): Promise<Reply> {
  return call(simulator, `PATCH ${path}`, body, { 'content-type': type });
}

export interface WatchEvent {
  readonly type: string;
  readonly object: JsonRecord;
}

/** An open watch whose events are read one by one. */
export async function openWatch(
  simulator: Pick<KubernetesSimulator, 'url'>,
  path: string,
  accept = 'application/json',
) {
  const controller = new AbortController();
  const response = await fetch(`${simulator.url}${path}`, { signal: controller.signal, headers: { accept } });
  const events = lines(response);
  return {
    status: response.status,
    next: async (): Promise<WatchEvent | undefined> => {
      const { value, done } = await events.next();
      return done === true ? undefined : (JSON.parse(value) as WatchEvent);
    },
    close: (): void => {
      controller.abort();
    },
  };
}

async function* lines(response: Response): AsyncGenerator<string, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of response.body ?? []) {
    rest += decoder.decode(chunk as Uint8Array, { stream: true });
    const complete = rest.split('\n');
    rest = complete.pop() ?? '';
    yield* complete;
  }
  return undefined;
}

/** Name and type of an event, for tables of expectations. */
export const told = (event: WatchEvent | undefined): string =>
  event === undefined ? 'end' : `${event.type} ${stringAt(event.object, 'metadata', 'name')}`;
