import type { CallerFinder } from '../caller.ts';
import { NmiError } from '../errors.ts';
import type { Handler } from '../exchange.ts';
import { isInstancePath, type Route } from '../route.ts';
import type { KnownSettings } from './known-settings.ts';

type MetadataHandler = Handler<Extract<Route, { name: 'metadata' }>>;

/**
 * `handler` for those whose namespace does not block instance metadata. Who calls is asked only where some namespace does:
 * as for a token the socket's address decides, and a caller that nobody knows gets nothing.
 */
export function guardMetadata(
  handler: MetadataHandler,
  settings: KnownSettings,
  findCaller: CallerFinder,
): MetadataHandler {
  return async (exchange, route) => {
    if (!isInstancePath(route.path) || !settings.anywhere('blockInstanceMetadata')) return handler(exchange, route);
    const pod = await findCaller(exchange);
    exchange.seen.namespace = pod.namespace;
    const found = settings.of(pod.namespace);
    if (found === undefined) throw new NmiError('settingsUnknown');
    if (found.blockInstanceMetadata) throw new NmiError('instanceBlocked');
    return handler(exchange, route);
  };
}
