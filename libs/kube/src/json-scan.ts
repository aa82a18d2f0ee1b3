/** Where a token begins, and the byte after it. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** The text cannot be JSON. */
export class NotJson extends Error {
  override readonly name = 'NotJson';
}

const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
/** Brackets and braces differ in this bit only. */
const BRACE_BIT = 0x20;

/** Steps through JSON text in UTF-8. Tells where values begin and end and nothing more; NotJson where it cannot. */
export class JsonScan {
  readonly text: Buffer;
  #at = 0;

  constructor(text: Buffer) {
    this.text = text;
  }

  /** The next byte that is no space, -1 at the end. */
  peek(): number {
    const { text } = this;
    let at = this.#at;
    while (at < text.length && (text[at] as number) <= SPACE) at++;
    this.#at = at;
    return text[at] ?? -1;
  }

  /** Steps over an opening bracket. False when `close` follows, which is stepped over too. */
  enter(close: number): boolean {
    this.#at++;
    return !this.#take(close);
  }

  /** Steps over what follows a member: true after a comma, false after `close`. */
  next(close: number): boolean {
    if (this.#take(COMMA)) return true;
    this.#expect(close);
    return false;
  }

  /** A key, stepping over the colon too. */
  key(): ByteRange {
    if (this.peek() !== QUOTE) throw new NotJson();
    const range = this.value();
    this.#expect(COLON);
    return range;
  }

  /** Steps over one value of any kind. */
  value(): ByteRange {
    const first = this.peek();
    const start = this.#at;
    if (first === QUOTE) this.#at = this.#afterString(start);
    else if (first === OPEN_OBJECT || first === OPEN_ARRAY) this.#at = this.#afterContainer(start);
    else this.#at = this.#afterWord(start);
    return { start, end: this.#at };
  }

  /** @throws NotJson unless only space is left */
  end(): void {
    if (this.peek() !== -1) throw new NotJson();
  }

  equals({ start, end }: ByteRange, other: Buffer): boolean {
    if (end - start !== other.length) return false;
    for (let index = 0; index < other.length; index++) if (this.text[start + index] !== other[index]) return false;
    return true;
  }

  #take(byte: number): boolean {
    if (this.peek() !== byte) return false;
    this.#at++;
    return true;
  }

  #expect(byte: number): void {
    if (!this.#take(byte)) throw new NotJson();
  }

  #afterString(start: number): number {
    const { text } = this;
    for (let at = start + 1; at < text.length; at++) {
      const byte = text[at];
      if (byte === QUOTE) return at + 1;
      if (byte === BACKSLASH) at++;
    }
    throw new NotJson();
  }

  #afterContainer(start: number): number {
    const { text } = this;
    let depth = 0;
    for (let at = start; at < text.length; at++) {
      const byte = text[at] as number;
      if (byte === QUOTE) at = this.#afterString(at) - 1;
      else if ((byte | BRACE_BIT) === OPEN_OBJECT) depth++;
      else if ((byte | BRACE_BIT) === CLOSE_OBJECT && --depth === 0) return at + 1;
    }
    throw new NotJson();
  }

  /** A number, `true`, `false` or `null`. */
  #afterWord(start: number): number {
    const { text } = this;
    let at = start;
    for (; at < text.length; at++) {
      const byte = text[at] as number;
      if (byte <= SPACE || byte === COMMA || (byte | BRACE_BIT) === CLOSE_OBJECT) break;
    }
    if (at === start) throw new NotJson();
    return at;
  }
}
