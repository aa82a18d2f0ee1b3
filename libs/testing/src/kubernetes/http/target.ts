import type { Registry } from '../registry.ts';
import type { ResourceType } from '../resource-types.ts';
import { pathNotFound } from '../status-errors.ts';

/** What a resource path names. */
export interface Target {
  readonly type: ResourceType;
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
}

interface Split {
  readonly group: string;
  readonly version: string;
  readonly rest: readonly string[];
}

function split(path: string): Split | undefined {
  const [root, ...segments] = path
    .split('/')
    .filter((segment) => segment !== '')
    .map(decodeURIComponent);
  if (root === 'api') return { group: '', version: segments[0] ?? '', rest: segments.slice(1) };
  if (root === 'apis') return { group: segments[0] ?? '', version: segments[1] ?? '', rest: segments.slice(2) };
  return undefined;
}

/** `namespaces/x` and its own subresources are the namespace itself, anything longer lies inside it. */
function insideNamespace(rest: readonly string[], registry: Registry, { group, version }: Split): boolean {
  return rest[0] === 'namespaces' && rest.length >= 3 && registry.byPath(group, version, rest[2] ?? '') !== undefined;
}

/**
 * The resource a path names; `undefined` when the path is none of resources (`/healthz`, `/apis/none/v1/x`).
 * @throws ApiError 404 when it has the form of a resource path but nothing is served there
 */
export function parseTarget(path: string, registry: Registry): Target | undefined {
  const parts = split(path);
  if (parts === undefined || parts.rest.length === 0) return undefined;
  if (!registry.serves(parts.group, parts.version)) return undefined;
  const inside = insideNamespace(parts.rest, registry, parts);
  const [plural = '', name, subresource, ...beyond] = inside ? parts.rest.slice(2) : parts.rest;
  const type = registry.byPath(parts.group, parts.version, plural);
  if (type === undefined || (inside && !type.namespaced)) throw pathNotFound();
  if (!inside && type.namespaced && name !== undefined) throw pathNotFound();
  if (subresource !== undefined && (beyond.length > 0 || !type.subresources.includes(subresource)))
    throw pathNotFound();
  return {
    type,
    ...(inside ? { namespace: parts.rest[1] ?? '' } : {}),
    ...(name === undefined ? {} : { name }),
    ...(subresource === undefined ? {} : { subresource }),
  };
}
