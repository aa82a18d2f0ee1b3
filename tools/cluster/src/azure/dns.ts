/** The part of DNS (RFC 1035) that a resolver of two names needs. */

const HEADER_BYTES = 12;
const TYPE_A = 1;
const CLASS_IN = 1;
const TTL_SECONDS = 5;
const NAME_ERROR = 3;
const FORMAT_ERROR = 1;

interface Question {
  readonly name: string;
  readonly type: number;
  readonly class: number;
  /** Where it ends. */
  readonly end: number;
}

/** The first question of a query; undefined if it is cut short. */
function question(query: Buffer): Question | undefined {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (;;) {
    const length = query[at];
    if (length === undefined || length > 63 || at + length + 1 > query.length) return undefined;
    at += 1;
    if (length === 0) break;
    labels.push(query.toString('latin1', at, at + length));
    at += length;
  }
  if (at + 4 > query.length) return undefined;
  const name = labels.join('.').toLowerCase();
  return { name, type: query.readUInt16BE(at), class: query.readUInt16BE(at + 2), end: at + 4 };
}

function header(query: Buffer, code: number, questions: number, answers: number): Buffer {
  const head = Buffer.alloc(HEADER_BYTES);
  query.copy(head, 0, 0, 2);
  // a response, authoritative; whether recursion is wanted is told back, and that it can be had
  const isRecursive = ((query[2] ?? 0) & 0x01) === 1;
  head.writeUInt16BE(0x8480 | (isRecursive ? 0x0100 : 0) | code, 2);
  head.writeUInt16BE(questions, 4);
  head.writeUInt16BE(answers, 6);
  return head;
}

function addressRecord(address: string): Buffer {
  const record = Buffer.alloc(16);
  // the name is that of the question, which begins after the header
  record.writeUInt16BE(0xc000 | HEADER_BYTES, 0);
  record.writeUInt16BE(TYPE_A, 2);
  record.writeUInt16BE(CLASS_IN, 4);
  record.writeUInt32BE(TTL_SECONDS, 6);
  record.writeUInt16BE(4, 10);
  Buffer.from(address.split('.').map(Number)).copy(record, 12);
  return record;
}

/**
 * Answers a query from a table of IPv4 addresses: a known name has no other record, an unknown one does not exist.
 * @returns undefined for what is no query at all
 */
export function answerQuery(query: Buffer, names: Readonly<Record<string, string>>): Buffer | undefined {
  if (query.length < HEADER_BYTES || ((query[2] ?? 0) & 0x80) !== 0) return undefined;
  const asked = question(query);
  if (asked === undefined) return header(query, FORMAT_ERROR, 0, 0);
  const repeated = query.subarray(HEADER_BYTES, asked.end);
  const address = Object.hasOwn(names, asked.name) ? names[asked.name] : undefined;
  if (address === undefined) return Buffer.concat([header(query, NAME_ERROR, 1, 0), repeated]);
  const hasAddress = asked.type === TYPE_A && asked.class === CLASS_IN;
  const records = hasAddress ? [addressRecord(address)] : [];
  return Buffer.concat([header(query, 0, 1, records.length), repeated, ...records]);
}
