import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { NmiError } from './errors.ts';
import { memoized } from './memoized.ts';

/** Which identity the caller asks for; `any` leaves it to the bindings. */
export type Selector =
  | { readonly by: 'any' }
  | { readonly by: 'clientId'; readonly id: string }
  /** `asked`: UIDs of AzureIdentities that were found to have another object id. */
  | { readonly by: 'objectId'; readonly id: string; readonly asked?: ReadonlySet<string> }
  | { readonly by: 'resourceId'; readonly id: string };

export interface TokenRequest {
  /** The audience, as sent. */
  readonly resource: string;
  readonly selector: Selector;
}

/** Parameter -> what it selects by. Of several names for one thing the first that is there wins, as in 1.8.17. */
const SELECTORS: readonly (readonly [Exclude<Selector['by'], 'any'>, readonly string[]])[] = [
  ['clientId', ['client_id']],
  ['objectId', ['object_id']],
  ['resourceId', ['msi_res_id', 'mi_res_id', 'msi-res-id']],
];

/** The one value of a parameter; an empty one counts as none. */
function single(query: URLSearchParams, name: string): string | undefined {
  const values = new Set(query.getAll(name).filter((value) => value !== ''));
  if (values.size > 1) throw new NmiError('badParameters', `parameter ${name} was given with different values`);
  const [value] = values;
  return value;
}

function selectorOf(query: URLSearchParams): Selector {
  const found = SELECTORS.flatMap(([by, names]): Selector[] => {
    const id = names.map((name) => single(query, name)).find((value) => value !== undefined);
    return id === undefined ? [] : [{ by, id }];
  });
  const [first = { by: 'any' as const }, second] = found;
  if (second !== undefined) throw new NmiError('badParameters', 'more than one parameter selects an identity');
  return first;
}

/** Pods ask the same again and again. */
const REMEMBERED_QUERIES = 500;

/** Reads the query of a token request. @throws NmiError */
export const readTokenRequest = memoized((query: string): TokenRequest => {
  const parameters = new URLSearchParams(query);
  const resource = single(parameters, 'resource');
  if (resource === undefined || resource.trim() === '') throw new NmiError('resourceEmpty');
  return { resource, selector: selectorOf(parameters) };
}, REMEMBERED_QUERIES);

/** The host of a Host header without its port. */
function hostName(host: string): string {
  return /^\[([^\]]*)\](?::\d+)?$/.exec(host)?.[1] ?? host.replace(/:\d+$/, '');
}

/**
 * What every request to the metadata address must look like. A page in a browser or a server made to fetch a URL cannot
 * send the `Metadata` header, proxies give themselves away by `X-Forwarded-For`, and a name in `Host` is the sign of a
 * name that was made to point here.
 * @throws NmiError
 */
export function requireMetadataHeaders(headers: IncomingHttpHeaders, metadataHeaderRequired: boolean): void {
  if (metadataHeaderRequired && headers.metadata !== 'true') throw new NmiError('headerRequired');
  if (headers['x-forwarded-for'] !== undefined) throw new NmiError('forwarded');
  const host = hostName(headers.host ?? '');
  if (host !== '' && host !== 'localhost' && isIP(host) === 0) throw new NmiError('hostNotAllowed');
}
