/** The least that Node can do for the same answer: a server that sends always the same bytes. */
import { createServer, type OutgoingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface BareSettings {
  readonly headers: OutgoingHttpHeaders;
  readonly body: string;
}

const { headers, body } = JSON.parse(process.argv[2] ?? '{}') as BareSettings;
const server = createServer((request, response) => {
  request.resume();
  response.writeHead(200, headers).end(body);
}).listen(0, '127.0.0.1', () => {
  process.send?.((server.address() as AddressInfo).port);
});
