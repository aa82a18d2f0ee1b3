import type { KubeClient, ListQuery } from './client.ts';
import { isKubeError } from './errors.ts';
import { PAGE_SIZE } from './list-pages.ts';
import type { Resource } from './resources.ts';

export interface ListAllOptions {
  readonly client: KubeClient;
  readonly resource: Resource;
  readonly query?: ListQuery;
  readonly signal: AbortSignal;
}

/** A continuation lasts some minutes; whoever is slower than that every time had better be told. */
const ATTEMPTS = 3;

async function allPages({ client, resource, query, signal }: ListAllOptions): Promise<unknown[]> {
  const items: unknown[] = [];
  let next: string | undefined;
  do {
    const page = await client.list(resource, { ...query, limit: PAGE_SIZE, continue: next }, { signal });
    items.push(...page.items);
    next = page.metadata.continue;
  } while (next);
  return items;
}

/**
 * Lists once, page by page, for programs that look at a cluster and end. Begins anew where a continuation has expired.
 * @throws KubeError
 */
export async function listAll(options: ListAllOptions): Promise<unknown[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await allPages(options);
    } catch (error) {
      if (attempt === ATTEMPTS || !isKubeError(error, 'gone')) throw error;
    }
  }
}
