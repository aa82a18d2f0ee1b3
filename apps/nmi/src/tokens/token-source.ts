import type { ImdsToken } from '@aad-pod-identity/imds';

/** Gives a token for a request of one kind, whoever it comes from. @throws the errors of whom it asks */
export type TokenSource<R> = (request: R, signal: AbortSignal) => Promise<ImdsToken>;
