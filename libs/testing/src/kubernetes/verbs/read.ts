import type { Cluster } from '../cluster.ts';
import type { Answer, ApiRequest } from '../http/request.ts';
import type { Target } from '../http/target.ts';
import { type KubeObject, keyOf, objectKey } from '../objects.ts';
import type { ResourceType } from '../resource-types.ts';
import { fieldMatcher } from '../selectors/fields.ts';
import { labelMatcher } from '../selectors/labels.ts';
import { ApiError, badRequest, expired, notFound } from '../status-errors.ts';
import { type ContinueToken, decodeContinue, encodeContinue } from './continue-token.ts';
import { type ListOptions, listOptions } from './options.ts';
import { type ListMeta, listJson, renderer } from './representation.ts';

/** The stored object a path names. @throws ApiError 404 */
export function stored(cluster: Cluster, target: Target): KubeObject {
  const { type, namespace, name = '' } = target;
  const object = cluster.storage.get(type.collection, objectKey(namespace, name));
  if (object === undefined) throw notFound(type, name);
  return object;
}

export function view(cluster: Cluster, type: ResourceType, request: ApiRequest) {
  return { type, clock: cluster.clock, includeObject: request.query.get('includeObject') ?? '' };
}

export function get(cluster: Cluster, target: Target, request: ApiRequest): Answer {
  const render = renderer(request.headers.accept, view(cluster, target.type, request));
  return { status: 200, body: render(stored(cluster, target)) };
}

/** Which objects a list or watch is about; a name in the path selects that one. */
export function selection(target: Target, options: ListOptions): (object: KubeObject) => boolean {
  const labels = labelMatcher(options.labelSelector);
  const fields = fieldMatcher(target.type, options.fieldSelector);
  return (object) =>
    (target.namespace === undefined || object.metadata.namespace === target.namespace) &&
    (target.name === undefined || object.metadata.name === target.name) &&
    labels(object.metadata.labels ?? {}) &&
    fields(object);
}

/** @returns undefined when it is none */
export const parseRevision = (text: string): number | undefined => (/^\d+$/.test(text) ? Number(text) : undefined);

export const unreadableRevision = (text: string): string =>
  `resourceVersion: Invalid value: "${text}": strconv.ParseUint: parsing "${text}": invalid syntax`;

/** @throws ApiError 400 unless it is a revision */
function listRevision(text: string): number {
  const revision = parseRevision(text || '0');
  if (revision === undefined) throw badRequest(`invalid resource version: ${unreadableRevision(text)}`);
  return revision;
}

function tooLarge(asked: number, current: number): ApiError {
  return new ApiError(504, 'Timeout', `Timeout: Too large resource version: ${asked}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });
}

const CONTINUE_EXPIRED =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without ' +
  'the continue parameter, or use the continue token in this response to retrieve the remainder of the results. ' +
  'Continuing with the provided token results in an inconsistent list - objects that were created, modified, or ' +
  'deleted between the time the first chunk was returned and now may show up in the list.';

function continueExpired(token: ContinueToken): ApiError {
  const error = expired(CONTINUE_EXPIRED);
  error.body.metadata = { continue: encodeContinue({ ...token, revision: 0 }) };
  return error;
}

interface Page {
  readonly revision: number;
  readonly after: string;
}

/** Which revision a list shows and after which key it begins. */
function pageOf(cluster: Cluster, options: ListOptions): Page {
  const { revision: current, compacted } = cluster.storage;
  if (options.continueToken !== '') {
    if (options.resourceVersion !== '' && options.resourceVersion !== '0') {
      throw badRequest('specifying resource version is not allowed when using continue');
    }
    const token = decodeContinue(options.continueToken);
    if (token.revision === 0) return { revision: current, after: token.after };
    if (token.revision < compacted) throw continueExpired(token);
    return token;
  }
  const asked = listRevision(options.resourceVersion);
  if (asked > current) throw tooLarge(asked, current);
  if (options.match !== 'Exact' && !(options.limit > 0 && asked > 0 && options.match === '')) {
    return { revision: current, after: '' };
  }
  if (asked < compacted) throw expired('The resourceVersion for the provided list is too old.');
  return { revision: asked, after: '' };
}

function objectsAt(cluster: Cluster, type: ResourceType, { revision, after }: Page): KubeObject[] {
  const { storage } = cluster;
  if (revision === storage.revision) return storage.list(type.collection, after);
  return storage.listAt(type.collection, revision).filter((object) => keyOf(object) > after);
}

function listMeta(revision: number, page: readonly KubeObject[], left: number, countable: boolean): ListMeta {
  const last = page.at(-1);
  if (left === 0 || last === undefined) return { resourceVersion: String(revision) };
  return {
    resourceVersion: String(revision),
    continue: encodeContinue({ revision, after: keyOf(last) }),
    ...(countable ? { remainingItemCount: left } : {}),
  };
}

export function list(cluster: Cluster, target: Target, request: ApiRequest): Answer {
  const options = listOptions(request.query, false);
  const page = pageOf(cluster, options);
  const matching = objectsAt(cluster, target.type, page).filter(selection(target, options));
  // like the real watch cache, "any version will do" takes no pages
  const paged = options.limit > 0 && options.resourceVersion !== '0';
  const shown = paged ? matching.slice(0, options.limit) : matching;
  const countable = options.labelSelector === '' && options.fieldSelector === '';
  const meta = listMeta(page.revision, shown, matching.length - shown.length, countable);
  return { status: 200, body: listJson(request.headers.accept, view(cluster, target.type, request), shown, meta) };
}
