import type { AddressInfo, Server } from 'node:net';
import type { EndpointAnswer } from '@aad-pod-identity/telemetry';
import { askLocally } from './ask-locally.ts';
import { PROBE_PATH } from './route.ts';

export interface ReadinessOptions {
  readonly rulesInPlace: () => boolean;
  /** Why requests do not arrive here; undefined if they do. */
  readonly redirectionProblem: () => string | undefined;
  /** Names of watches that are not fresh. */
  readonly staleWatches: () => readonly string[];
  readonly listenerAnswers: () => Promise<boolean>;
}

/** The original's liveness answer: always 200, and whether the rules are in place in its words. */
export function healthz({ rulesInPlace }: ReadinessOptions): EndpointAnswer {
  return { status: 200, body: rulesInPlace() ? 'Active' : 'Not Active' };
}

/** Ready when requests arrive here, are answered, and are answered from what the cluster says now. */
export async function readyz(options: ReadinessOptions): Promise<EndpointAnswer> {
  const stale = options.staleWatches();
  const redirection = options.redirectionProblem();
  const problems = [
    ...(redirection === undefined ? [] : [redirection]),
    ...(stale.length === 0 ? [] : [`not fresh: ${stale.join(', ')}`]),
    ...((await options.listenerAnswers()) ? [] : ['the listener does not answer']),
  ];
  return problems.length === 0 ? { status: 200, body: 'ok\n' } : { status: 503, body: `${problems.join('\n')}\n` };
}

const PROBE_TIMEOUT_MS = 2_000;

/** Asks our own listener, over a connection of its own, for a path that it must refuse. */
export function listenerProbe(server: Server): () => Promise<boolean> {
  return async () => {
    const address = server.address() as AddressInfo | null;
    if (address === null) return false;
    const host = address.address === '0.0.0.0' || address.address === '::' ? '127.0.0.1' : address.address;
    const request = { host, port: address.port, path: PROBE_PATH, timeoutMs: PROBE_TIMEOUT_MS };
    return askLocally(request).then(
      ({ status }) => status === 403,
      () => false,
    );
  };
}
