import type { IncomingHttpHeaders } from 'node:http';

/** The bearer tokens that open the server; none set means that everybody may come in. */
export class Tokens {
  #accepted: Set<string>;
  #required: boolean;

  constructor(token: string | undefined) {
    this.#accepted = new Set(token === undefined ? [] : [token]);
    this.#required = token !== undefined;
  }

  /** From now on every request is answered 401, until a token is set. */
  revoke(): void {
    this.#required = true;
    this.#accepted = new Set();
  }

  /** The only token from now on. */
  rotate(token: string): void {
    this.#required = true;
    this.#accepted = new Set([token]);
  }

  /** One more token, such as an issued one; those known stay. */
  accept(token: string): void {
    this.#accepted.add(token);
  }

  admits(headers: IncomingHttpHeaders): boolean {
    if (!this.#required) return true;
    const [scheme = '', token = ''] = (headers.authorization ?? '').split(' ');
    return scheme.toLowerCase() === 'bearer' && this.#accepted.has(token);
  }
}
