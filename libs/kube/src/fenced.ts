import type { CallOptions, KubeClient } from './client.ts';

/**
 * The same client, of which no write leaves this process while `mayWrite` says no: it is asked in the last moment, when
 * the first byte is about to be sent. A write that may not leave fails as `unreachable`.
 */
export function fenced(client: KubeClient, mayWrite: () => boolean): KubeClient {
  const guard = (): void => {
    if (!mayWrite()) throw new Error('not sent, for another instance may lead by now');
  };
  const guarded = (options: CallOptions = {}): CallOptions => ({ ...options, guard });
  return {
    ...client,
    create: (resource, place, object, options) => client.create(resource, place, object, guarded(options)),
    replace: (resource, ref, object, options) => client.replace(resource, ref, object, guarded(options)),
    patch: (resource, ref, body, patch, options) => client.patch(resource, ref, body, patch, guarded(options)),
    delete: (resource, ref, how, options) => client.delete(resource, ref, how, guarded(options)),
  };
}
