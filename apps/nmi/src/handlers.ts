import type { Clock } from '@aad-pod-identity/runtime';
import type { CallerFinder } from './caller.ts';
import { metadataUrl } from './config.ts';
import { errorReply } from './error-reply.ts';
import { NmiError } from './errors.ts';
import { exceptionFor } from './exceptions.ts';
import type { Handlers } from './exchange.ts';
import type { Flags } from './flags.ts';
import { createHostHandler } from './host-handler.ts';
import type { IdentityFinder } from './identity/find-identity.ts';
import { guardMetadata } from './namespace-settings/guard-metadata.ts';
import type { KnownSettings } from './namespace-settings/known-settings.ts';
import { createProxy } from './proxy.ts';
import type { Stores } from './stores.ts';
import { createTokenHandler } from './token-handler.ts';
import type { TokenService } from './tokens/token-service.ts';

export interface HandlersOptions {
  readonly flags: Flags;
  readonly stores: Stores;
  readonly findCaller: CallerFinder;
  readonly findIdentity: IdentityFinder;
  readonly tokens: TokenService;
  readonly settings: KnownSettings;
  readonly clock: Clock;
}

/** Who answers which route. */
export function createHandlers(options: HandlersOptions): { handlers: Handlers; close: () => void } {
  const { flags, stores, clock } = options;
  const metadataHeaderRequired = flags['metadata-header-required'];
  const proxy = createProxy({ baseUrl: metadataUrl(flags), metadataHeaderRequired, clock });
  const exceptionRules = {
    exceptionsIn: (namespace: string) => stores.exceptions.by('namespace', namespace),
    micNamespace: flags.MICNamespace,
    micServiceAccounts: flags['mic-service-accounts'],
  };
  const token = createTokenHandler({
    ...options,
    metadataHeaderRequired,
    exceptionFor: (pod) => exceptionFor(pod, exceptionRules),
  });
  const handlers: Handlers = {
    token,
    hostToken: createHostHandler({ ...options, pods: stores.pods }),
    metadata: guardMetadata(proxy, options.settings, options.findCaller),
    probe: () => Promise.resolve(errorReply(new NmiError('notAllowed'))),
    refused: (_, { because }) => Promise.reject(new NmiError(because)),
  };
  return { handlers, close: proxy.close };
}
