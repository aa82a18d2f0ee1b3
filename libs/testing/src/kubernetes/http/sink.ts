import type { ServerResponse } from 'node:http';

/** Where a response stops short, and how. */
export interface Cut {
  readonly afterBytes: number;
  readonly then: 'reset' | 'truncate' | 'silence';
}

/** The way out for one response: writes what it is given until a cut, and tells when the client is gone. */
export class ResponseSink {
  readonly #response: ServerResponse;
  readonly #reset: () => void;
  readonly #onHead: (status: number) => void;
  #cut: Cut | undefined;
  #left = Number.POSITIVE_INFINITY;
  #silent = false;

  /**
   * @param reset sends a TCP reset on the connection of the response
   * @param onHead told the status that goes out
   */
  constructor(response: ServerResponse, reset: () => void, onHead: (status: number) => void) {
    this.#response = response;
    this.#reset = reset;
    this.#onHead = onHead;
  }

  /** False once the client has gone or a cut has ended the response. */
  get open(): boolean {
    return !this.#response.destroyed && !this.#response.writableEnded;
  }

  cutAt(cut: Cut): void {
    this.#cut = cut;
    this.#left = cut.afterBytes;
  }

  /** From now on nothing is sent, and the connection stays open. */
  silence(): void {
    this.#silent = true;
  }

  head(status: number, headers: Readonly<Record<string, string | string[]>>): void {
    if (this.#silent || this.#response.headersSent) return;
    this.#onHead(status);
    this.#response.writeHead(status, headers);
    this.#response.flushHeaders();
  }

  write(text: string): void {
    if (this.#silent || !this.open) return;
    const bytes = Buffer.from(text);
    if (bytes.length < this.#left) {
      this.#left -= bytes.length;
      this.#response.write(bytes);
      return;
    }
    this.#response.write(bytes.subarray(0, this.#left), () => {
      this.#endShort();
    });
    this.#silent = true;
  }

  end(): void {
    if (!this.#silent && this.open) this.#response.end();
  }

  /** Drops the connection without an answer. */
  reset(): void {
    this.#silent = true;
    this.#reset();
  }

  onClose(callback: () => void): void {
    this.#response.once('close', callback);
  }

  #endShort(): void {
    if (this.#cut?.then === 'reset') this.#reset();
    if (this.#cut?.then === 'truncate') this.#response.socket?.end();
  }
}
