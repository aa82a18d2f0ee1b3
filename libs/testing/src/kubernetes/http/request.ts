import type { IncomingHttpHeaders } from 'node:http';

import { parse as parseYaml } from 'yaml';

import { isRecord, type JsonRecord } from '../json.ts';
import { badRequest, unsupportedMediaType } from '../status-errors.ts';
import { duplicateFields } from './duplicate-fields.ts';
import { PROTOBUF, readProtobuf } from './protobuf.ts';
import type { ResponseSink } from './sink.ts';

/** One call as the verbs see it; the body has been read. */
export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** An answer in one piece. */
export interface Reply {
  readonly status: number;
  readonly body: string | object;
  readonly contentType?: string;
  readonly warnings?: readonly string[];
}

/** An answer that goes on, such as a watch. */
export interface Streaming {
  readonly stream: (sink: ResponseSink) => void;
}

export type Answer = Reply | Streaming;

const JSON_TYPE = 'application/json';
/** Forms a body may have; the empty one means JSON. */
const BODIES = [JSON_TYPE, 'application/yaml', PROTOBUF, ''];

export const mediaType = (request: ApiRequest): string =>
  (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';

function parseText(request: ApiRequest): unknown {
  if (mediaType(request) === PROTOBUF) return readProtobuf(request.body);
  const text = request.body.toString('utf8');
  try {
    return mediaType(request).endsWith('yaml') ? (parseYaml(text) as unknown) : JSON.parse(text);
  } catch (error) {
    throw badRequest(`couldn't get version/kind; json parse error: ${error instanceof Error ? error.message : ''}`);
  }
}

/** The body as JSON, or YAML where the media type says so. */
export function bodyValue(request: ApiRequest): unknown {
  return parseText(request);
}

/** @throws ApiError 400 when the body is no object */
export function bodyObject(request: ApiRequest): JsonRecord {
  const media = mediaType(request);
  if (request.method !== 'PATCH' && !BODIES.includes(media)) throw unsupportedMediaType(BODIES.slice(0, 3));
  const value = parseText(request);
  if (isRecord(value)) return value;
  const go = 'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';
  const why = `json: cannot unmarshal ${Array.isArray(value) ? 'array' : typeof value} into Go value of type ${go}`;
  throw badRequest(`couldn't get version/kind; json parse error: ${why}`);
}

/** Paths of the fields that a JSON body has more than once. */
export function duplicatesIn(request: ApiRequest): string[] {
  return mediaType(request) === JSON_TYPE || mediaType(request) === '' ? duplicateFields(request.body.toString()) : [];
}

/** A boolean of the query as the API reads it: `1`, `true` and an empty value are true. */
export function flag(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  return value !== null && value !== '0' && value.toLowerCase() !== 'false';
}
