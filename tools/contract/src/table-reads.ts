import type { Api } from './api.ts';
import { matching } from './values.ts';

export const TABLE = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' };

export interface Table {
  readonly columnDefinitions: readonly { readonly name: string; readonly priority: number }[];
  readonly rows: readonly { readonly cells: readonly unknown[]; readonly object?: unknown }[];
}

export const table = async (api: Api, path: string) => (await api.call(`GET ${path}`, undefined, TABLE)).body as Table;

/** The row of an object by the names of its columns. */
export async function row(api: Api, path: string): Promise<Record<string, unknown>> {
  const { columnDefinitions, rows } = await table(api, path);
  return Object.fromEntries(columnDefinitions.map(({ name }, index) => [name, rows[0]?.cells[index]]));
}

export const AGE = matching(/^\d+s$/);
