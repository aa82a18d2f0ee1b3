import type { CallOptions, DeleteOptions, KubeClient, ListQuery, PatchOptions, ServiceAccountToken } from './client.ts';
import type { createCaller } from './caller.ts';
import { KubeError } from './errors.ts';
import { jsonCutter } from './json-cut.ts';
import { queryString, resourcePath } from './paths.ts';
import { type KubeList, type ObjectRef, type Resource, serviceAccounts } from './resources.ts';

const PATCH_TYPES: Readonly<Record<PatchOptions['type'], string>> = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  // JSON is YAML, and older servers know apply patches under no other name.
  apply: 'application/apply-patch+yaml',
};

function selectorsOf(query: { labelSelector?: string | undefined; fieldSelector?: string | undefined }) {
  return { labelSelector: query.labelSelector, fieldSelector: query.fieldSelector };
}

function listPath(resource: Resource, query: ListQuery): string {
  const { limit, resourceVersion } = query;
  const parameters = { ...selectorsOf(query), limit, continue: query.continue, resourceVersion };
  return resourcePath(resource, { namespace: query.namespace }) + queryString(parameters);
}

function asList<T>(answer: unknown, resource: Resource): KubeList<T> {
  const { items, metadata } = (answer ?? {}) as Partial<KubeList<T>>;
  if (!Array.isArray(items)) throw new KubeError('badResponse', `the list of ${resource.plural} has no items`);
  return { items, metadata: metadata ?? {} };
}

function tokenRequest(audiences: readonly string[], expirationSeconds: number) {
  return { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { audiences, expirationSeconds } };
}

function asToken(answer: unknown): ServiceAccountToken {
  const { token, expirationTimestamp } = (answer as { status?: Partial<ServiceAccountToken> }).status ?? {};
  if (typeof token !== 'string' || typeof expirationTimestamp !== 'string') {
    throw new KubeError('badResponse', 'the answer to the TokenRequest holds no token');
  }
  return { token, expirationTimestamp };
}

function patchPath(resource: Resource, ref: ObjectRef, { fieldManager, force, subresource }: PatchOptions): string {
  return resourcePath(resource, { ...ref, subresource }) + queryString({ fieldManager, force });
}

function deleteBody(how: DeleteOptions): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'DeleteOptions', ...how });
}

/** The typed methods over a caller; everything here only says which request it is. */
export function createKubeClient(caller: ReturnType<typeof createCaller>, close: () => Promise<void>): KubeClient {
  const { call, open } = caller;
  const write = async <T>(method: 'POST' | 'PUT', path: string, object: unknown, options?: CallOptions) =>
    (await call({ method, path, body: JSON.stringify(object) }, options)) as T;
  return {
    document: (path, options) => call({ method: 'GET', path }, options),
    async get<T>(resource: Resource<T>, ref: ObjectRef, options?: CallOptions) {
      return (await call({ method: 'GET', path: resourcePath(resource, ref) }, options)) as T;
    },
    async list<T>(resource: Resource<T>, query: ListQuery = {}, options?: CallOptions) {
      const cut = query.fields && jsonCutter({ metadata: true, items: query.fields });
      return asList<T>(await call({ method: 'GET', path: listPath(resource, query), cut }, options), resource);
    },
    create: (resource, { namespace }, object, options) =>
      write('POST', resourcePath(resource, { namespace }), object, options),
    replace: (resource, ref, object, options) =>
      write('PUT', resourcePath(resource, { ...ref, subresource: options?.subresource }), object, options),
    async patch<T>(resource: Resource<T>, ref: ObjectRef, body: unknown, patch: PatchOptions, options?: CallOptions) {
      const path = patchPath(resource, ref, patch);
      const contentType = PATCH_TYPES[patch.type];
      return (await call({ method: 'PATCH', path, contentType, body: JSON.stringify(body) }, options)) as T;
    },
    async delete(resource, ref, how = {}, options) {
      await call({ method: 'DELETE', path: resourcePath(resource, ref), body: deleteBody(how) }, options);
    },
    async serviceAccountToken(ref, audiences, expirationSeconds, options) {
      const path = resourcePath(serviceAccounts, { ...ref, subresource: 'token' });
      return asToken(await write('POST', path, tokenRequest(audiences, expirationSeconds), options));
    },
    watch(resource, query, options) {
      const { resourceVersion, timeoutSeconds, namespace } = query;
      const parameters = { watch: true, allowWatchBookmarks: true, resourceVersion, timeoutSeconds };
      const path = resourcePath(resource, { namespace });
      return open(path + queryString({ ...selectorsOf(query), ...parameters }), options);
    },
    close,
  };
}
