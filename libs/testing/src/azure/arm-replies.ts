import type { Reply } from './service.ts';

/** An error in the form of ARM. */
export const armErrorBody = (code: string, message: string): object => ({ error: { code, message } });

export function armFailure(status: number, code: string, message: string): Reply {
  return { status, body: armErrorBody(code, message), note: code };
}
