import { connect, type Socket } from 'node:net';

export interface Target {
  readonly port: number;
  readonly path: string;
}

export interface Answer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

const HEAD_END = '\r\n\r\n';

/** The answer at the beginning of `text`; undefined while it is not whole. */
function parse(text: string): Answer | undefined {
  const end = text.indexOf(HEAD_END);
  if (end === -1) return undefined;
  const head = text.slice(0, end);
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? NaN);
  const body = text.slice(end + HEAD_END.length);
  return body.length < length ? undefined : { status: Number(head.slice(9, 12)), head, body };
}

/**
 * One connection of one pod, one request at a time. A client of Node's own would cost more than the servers that are
 * measured; answers must be ASCII with a Content-Length.
 */
export class Connection {
  readonly #socket: Socket;
  readonly #request: string;
  #text = '';
  #settle: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined;

  constructor({ port, path }: Target, from: string, { keepAlive }: { readonly keepAlive: boolean }) {
    const lines = [`GET ${path} HTTP/1.1`, 'Host: 169.254.169.254', 'Metadata: true'];
    this.#request = [...lines, `Connection: ${keepAlive ? 'keep-alive' : 'close'}`, '', ''].join('\r\n');
    this.#socket = connect({ host: '127.0.0.1', port, localAddress: from, noDelay: true });
    this.#socket.setEncoding('latin1').on('data', (chunk: string) => {
      this.#text += chunk;
      const answer = parse(this.#text);
      if (answer === undefined) return;
      this.#text = '';
      this.#settle?.resolve(answer);
    });
    this.#socket.on('error', (error) => this.#settle?.reject(error));
    this.#socket.on('close', () => this.#settle?.reject(new Error('the connection was closed')));
  }

  ask(path?: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#socket.write(path === undefined ? this.#request : this.#request.replace(/^GET \S+/, `GET ${path}`));
    });
  }

  close(): void {
    this.#settle = undefined;
    this.#socket.destroy();
  }
}
