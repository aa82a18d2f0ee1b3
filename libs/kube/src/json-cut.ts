import { JsonScan, NotJson, type ByteRange } from './json-scan.ts';

/** Which fields of an object are wanted: `true` takes a value whole. Below an array, its elements are meant. */
export interface FieldTree {
  readonly [name: string]: true | FieldTree;
}

interface Wanted {
  /** The key as it stands in JSON, with its quotes. */
  readonly key: Buffer;
  /** What is wanted of the value; undefined: all of it. */
  readonly below: readonly Wanted[] | undefined;
}

function wantedOf(fields: FieldTree): readonly Wanted[] {
  return Object.entries(fields).map(([name, below]) => ({
    key: Buffer.from(JSON.stringify(name)),
    below: below === true ? undefined : wantedOf(below),
  }));
}

const OPEN_ARRAY = 0x5b;
const OPEN_OBJECT = 0x7b;
const COLON = 0x3a;
const COMMA = 0x2c;

/** Copies the wanted parts of one text after the other into a buffer that grows with the longest. */
class Cutter {
  readonly #wanted: readonly Wanted[];
  #scan = new JsonScan(Buffer.alloc(0));
  #out = Buffer.alloc(0);
  #length = 0;

  constructor(fields: FieldTree) {
    this.#wanted = wantedOf(fields);
  }

  cut(text: Buffer): string {
    // What is left is never longer than the whole.
    if (this.#out.length < text.length) this.#out = Buffer.allocUnsafeSlow(Math.max(text.length, this.#out.length * 2));
    this.#scan = new JsonScan(text);
    this.#length = 0;
    this.#value(this.#wanted);
    this.#scan.end();
    return this.#out.toString('utf8', 0, this.#length);
  }

  #value(wanted: readonly Wanted[] | undefined): void {
    const first = this.#scan.peek();
    if (wanted === undefined || (first !== OPEN_OBJECT && first !== OPEN_ARRAY)) this.#copy(this.#scan.value());
    else
      this.#container(
        first,
        first === OPEN_OBJECT
          ? () => {
              this.#member(wanted);
            }
          : () => {
              this.#item(wanted);
            },
      );
  }

  /** `next` copies a member with a comma after it, or leaves it out. */
  #container(open: number, next: () => void): void {
    // Of `[` and `{`, the closing one is two further on.
    const close = open + 2;
    this.#put(open);
    for (let more = this.#scan.enter(close); more; more = this.#scan.next(close)) next();
    if (this.#out[this.#length - 1] === COMMA) this.#length--;
    this.#put(close);
  }

  #member(wanted: readonly Wanted[]): void {
    const key = this.#scan.key();
    const found = wanted.find((each) => this.#scan.equals(key, each.key));
    if (found === undefined) {
      this.#scan.value();
      return;
    }
    this.#copy(key);
    this.#put(COLON);
    this.#value(found.below);
    this.#put(COMMA);
  }

  /** An array within an array is taken whole, so that no text makes this recurse deeper than the tree is. */
  #item(wanted: readonly Wanted[]): void {
    this.#value(this.#scan.peek() === OPEN_ARRAY ? undefined : wanted);
    this.#put(COMMA);
  }

  #copy(range: ByteRange): void {
    this.#length += this.#scan.text.copy(this.#out, this.#length, range.start, range.end);
  }

  #put(byte: number): void {
    this.#out[this.#length++] = byte;
  }
}

/**
 * Returns a function that leaves of JSON text only the wanted fields: most of an object is read by nobody, and far
 * cheaper to pass over than to parse. Text that is not JSON comes back as it is, for the parser to refuse; what was cut
 * out is not looked at beyond where it ends. Keys must be written without escapes, as the API server does.
 */
export function jsonCutter(fields: FieldTree): (text: Buffer) => string {
  const cutter = new Cutter(fields);
  return (text) => {
    try {
      return cutter.cut(text);
    } catch (error) {
      if (error instanceof NotJson) return text.toString('utf8');
      throw error;
    }
  };
}
