import { STATUS_CODES } from 'node:http';
import { JSON_CONTENT_TYPE, renderErrorBody } from '@aad-pod-identity/imds';

const STATUS: Readonly<Record<string, number>> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 };

/** Bytes that are no HTTP are answered as such, in the form of all errors, and the connection ends. */
export function onClientError(error: NodeJS.ErrnoException, socket: NodeJS.WritableStream & { destroy(): void }): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const status = STATUS[error.code ?? ''] ?? 400;
  const body = renderErrorBody('invalid_request', STATUS_CODES[status] ?? 'Bad Request');
  const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, `Content-Type: ${JSON_CONTENT_TYPE}`];
  socket.end([...head, `Content-Length: ${Buffer.byteLength(body)}`, 'Connection: close', '', body].join('\r\n'));
}
