import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { listen } from '@aad-pod-identity/runtime';
import { answerQuery } from './dns.ts';

const PORT = 53;

/** Serves the names over UDP and TCP. */
export async function startResolver(address: string, names: Readonly<Record<string, string>>): Promise<void> {
  const udp = createSocket('udp4');
  udp.on('message', (query, client) => {
    const answer = answerQuery(query, names);
    if (answer !== undefined) udp.send(answer, client.port, client.address);
  });
  udp.bind(PORT, address);
  await once(udp, 'listening');
  const tcp = createServer((socket) => {
    serve(socket, names);
  });
  await listen(tcp, { host: address, port: PORT });
}

/** Over TCP each message has its length before it. */
function serve(socket: Socket, names: Readonly<Record<string, string>>): void {
  let received = Buffer.alloc(0);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
      const end = 2 + received.readUInt16BE(0);
      const answer = answerQuery(received.subarray(2, end), names);
      received = received.subarray(end);
      if (answer === undefined) socket.destroy();
      else socket.write(Buffer.concat([Buffer.from([answer.length >> 8, answer.length & 0xff]), answer]));
    }
  });
}
