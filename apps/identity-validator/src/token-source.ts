import { ManagedIdentityCredential } from '@azure/identity';
import { deadlineSignal, type Clock } from '@aad-pod-identity/runtime';

export interface TokenRequest {
  /** Audience, e.g. `https://storage.azure.com/`; its trailing slash is part of it. */
  readonly resource: string;
  /** Empty: the identity that the platform chooses. */
  readonly clientId: string;
  readonly timeoutMs: number;
}

export type TokenSource = () => Promise<string>;

/**
 * The part a real application would have: Azure's own client, unmodified, with its default settings.
 * @throws whatever the client throws when there is no token, or a `TimeoutError`
 */
export function managedIdentityTokenSource(request: TokenRequest, clock: Clock): TokenSource {
  const credential = new ManagedIdentityCredential(request.clientId === '' ? {} : { clientId: request.clientId });
  return async () => {
    const { signal, done } = deadlineSignal(clock, request.timeoutMs);
    try {
      return await Promise.race([
        credential.getToken(`${request.resource}/.default`, { abortSignal: signal }).then(({ token }) => token),
        rejectionOf(signal),
      ]);
    } finally {
      done();
    }
  };
}

/** The client hears its abort signal only between its retries, the caller of a page wants its answer at the deadline. */
function rejectionOf(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => {
      reject(signal.reason as Error);
    });
  });
}
