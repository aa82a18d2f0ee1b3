import type { KubeClient, ListQuery } from './client.ts';
import { KubeError } from './errors.ts';
import type { Resource } from './resources.ts';

/** Objects a page: a large cluster's pods come in pieces of about 2 MB, not in one of 50. */
export const PAGE_SIZE = 500;

export interface ListPagesOptions {
  client: KubeClient;
  resource: Resource;
  query: ListQuery;
  signal: AbortSignal;
  onPage: (items: readonly unknown[]) => void;
}

/**
 * Lists page by page and returns the resourceVersion that a watch goes on from.
 * @throws KubeError; `gone` when the continuation has expired: begin anew.
 */
export async function listPages({ client, resource, query, signal, onPage }: ListPagesOptions): Promise<string> {
  let next: string | undefined;
  for (;;) {
    const page = await client.list(resource, { ...query, limit: PAGE_SIZE, continue: next }, { signal, retries: 0 });
    onPage(page.items);
    next = page.metadata.continue;
    if (next) continue;
    const { resourceVersion } = page.metadata;
    if (!resourceVersion) throw new KubeError('badResponse', `the list of ${resource.plural} has no resourceVersion`);
    return resourceVersion;
  }
}
