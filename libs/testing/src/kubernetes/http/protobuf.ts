import type { JsonRecord } from '../json.ts';
import { type ApiError, unsupportedMediaType } from '../status-errors.ts';
import { type FieldSpec, MESSAGES, type MessageSpec, TYPE_META } from './protobuf-messages.ts';

export const PROTOBUF = 'application/vnd.kubernetes.protobuf';

/** Four bytes before every message: `k8s` and a zero. */
const MAGIC_LENGTH = 4;
const VARINT = 0n;
const LENGTH_DELIMITED = 2n;

const unreadable = (): ApiError => unsupportedMediaType(['application/json', 'application/yaml']);

interface Field {
  readonly number: number;
  readonly value: bigint | Buffer;
}

function varint(bytes: Buffer, at: number): [bigint, number] {
  let value = 0n;
  for (let shift = 0n, index = at; ; shift += 7n, index++) {
    const byte = bytes[index];
    if (byte === undefined) throw unreadable();
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return [value, index + 1];
  }
}

/** The fields of one message. Numbers and byte strings are all that these messages have. */
function fieldsOf(bytes: Buffer): Field[] {
  const fields: Field[] = [];
  for (let at = 0; at < bytes.length;) {
    const [tag, afterTag] = varint(bytes, at);
    const [value, afterValue] = varint(bytes, afterTag);
    const wire = tag & 7n;
    if (wire !== VARINT && wire !== LENGTH_DELIMITED) throw unreadable();
    const end = wire === VARINT ? afterValue : afterValue + Number(value);
    fields.push({ number: Number(tag >> 3n), value: wire === VARINT ? value : bytes.subarray(afterValue, end) });
    at = end;
  }
  return fields;
}

function valueOf(spec: FieldSpec, value: bigint | Buffer): unknown {
  if (!Buffer.isBuffer(value)) return spec.kind === 'bool' ? value !== 0n : Number(value);
  if (spec.kind === 'bytes') return value.toString('base64');
  return spec.kind === 'string' ? value.toString('utf8') : decodeMessage(value, spec.fields ?? {});
}

/** What a field becomes when one more of its values has been read. */
function joined(spec: FieldSpec, known: unknown, read: unknown): unknown {
  if (spec.kind === 'map') {
    const { key = '', value = '' } = read as { key?: string; value?: unknown };
    return { ...(known as JsonRecord | undefined), [key]: value };
  }
  return spec.repeated === true ? [...((known as unknown[] | undefined) ?? []), read] : read;
}

function decodeMessage(bytes: Buffer, spec: MessageSpec): JsonRecord {
  const result: JsonRecord = {};
  for (const { number, value } of fieldsOf(bytes)) {
    const field = spec[number];
    // empty texts are how the encoder writes what is absent
    if (
      field === undefined ||
      (field.kind === 'string' && field.repeated !== true && value instanceof Buffer && value.length === 0)
    )
      continue;
    result[field.name] = joined(field, result[field.name], valueOf(field, value));
  }
  return result;
}

/**
 * A protobuf body as the object it stands for. kubectl sends some requests in no other form.
 * @throws ApiError 415 for kinds it sends as JSON too
 */
export function readProtobuf(body: Buffer): JsonRecord {
  const envelope = fieldsOf(body.subarray(MAGIC_LENGTH));
  const part = (wanted: number): Buffer => {
    const value = envelope.find(({ number }) => number === wanted)?.value;
    return Buffer.isBuffer(value) ? value : Buffer.alloc(0);
  };
  const meta = decodeMessage(part(1), TYPE_META);
  const spec = MESSAGES[String(meta.kind)];
  if (spec === undefined) throw unreadable();
  return { ...meta, ...decodeMessage(part(2), spec) };
}
