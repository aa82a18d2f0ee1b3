import type { Api } from './api.ts';
import type { Reply } from './http.ts';
import { at } from './values.ts';

/** The body of every answer that is not success. */
export const failure = (code: number, reason: string, message: unknown, details?: object) => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message,
  ...(reason === '' ? {} : { reason }),
  ...(details === undefined ? {} : { details }),
  code,
});

/** Checks that an answer is this failure, to the last field. */
export function expectFailure(reply: Reply, code: number, reason: string, message: unknown, details?: object): void {
  expect(reply.body).toEqual(failure(code, reason, message, details));
  expect(reply.status).toBe(code);
}

export interface Problem {
  readonly reason: string;
  readonly field: string;
  readonly message: string;
}

/** Checks that an answer is 422 for these fields, in its text and its causes. */
export function expectInvalid(reply: Reply, group: string, kind: string, name: string, ...problems: Problem[]): void {
  const lines = problems.map(({ field, message }) => `${field}: ${message}`);
  const text = lines.length === 1 ? (lines[0] ?? '') : `[${lines.join(', ')}]`;
  const of = group === '' ? kind : `${kind}.${group}`;
  const details = { ...(name === '' ? {} : { name }), ...(group === '' ? {} : { group }), kind, causes: problems };
  expectFailure(reply, 422, 'Invalid', `${of} "${name}" is invalid: ${text}`, details);
}

/** The body of a call that must succeed. */
export async function done(
  api: Api,
  order: string,
  body?: unknown,
  headers?: Record<string, string>,
): Promise<unknown> {
  const reply = await api.call(order, body, headers);
  if (reply.status >= 300) throw new Error(`${order}: ${reply.status} ${JSON.stringify(at(reply.body, 'message'))}`);
  return reply.body;
}
