import { STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { JSON_CONTENT_TYPE, renderErrorBody } from '@aad-pod-identity/imds';

/** Ends a request that HTTP itself forbids, in the form of all errors. */
function refuse(response: ServerResponse, status: 400 | 417, description: string): void {
  const body = renderErrorBody('invalid_request', description);
  const length = Buffer.byteLength(body);
  response.writeHead(status, STATUS_CODES[status], {
    ...{ 'Content-Type': JSON_CONTENT_TYPE, 'Content-Length': length, Connection: 'close' },
  });
  response.end(body);
}

/** HTTP/1.1 demands the header; Node's own refusal has no body, so it is switched off where this is asked. */
export function refusedWithoutHost({ httpVersion, headers }: IncomingMessage, response: ServerResponse): boolean {
  if (httpVersion !== '1.1' || headers.host !== undefined) return false;
  refuse(response, 400, 'The Host header is missing');
  return true;
}

/** Nothing can be expected of a metadata service but that it goes on. */
export function refuseExpectations(server: Server): void {
  server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
    refuse(response, 417, 'The Expect header asks for what is not known');
  });
}
