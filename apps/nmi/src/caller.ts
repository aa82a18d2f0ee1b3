/**
 * Trust: the caller is whoever holds the address of the socket's other end, and nothing else. No header, no parameter
 * and no part of the path is read here, and none may ever be; a test sends forged ones and sees that nothing changes.
 */
import type { Store } from '@aad-pod-identity/kube';
import type { Clock } from '@aad-pod-identity/runtime';
import { NmiError } from './errors.ts';
import { normalAddress, type Pod } from './pod.ts';

/** The index of the pod store that this file asks. */
export const BY_ADDRESS = 'address';

/** Pods under the addresses that tell them apart: those of the node's own network have none. */
export function addressesToFindBy(pod: Pod): readonly string[] {
  return pod.hostNetwork ? [] : pod.addresses;
}

export interface CallerFinderOptions {
  readonly pods: Store<Pod>;
  /** The node's pods as the API server knows them at this moment. */
  readonly livePods: () => Promise<readonly Pod[]>;
  readonly clock: Clock;
  /** How long the watch may take to bring a pod that is already calling, in milliseconds. */
  readonly waitMs?: number;
}

/** The pod that holds the address of a socket. @throws NmiError `callerUnknown` or `callerAmbiguous` */
export type CallerFinder = (remoteAddress: string | undefined, signal: AbortSignal) => Promise<Pod>;

/** As long as the original's four looks. */
const WAIT_MS = 1_200;

function onlyOne(pods: readonly Pod[]): Pod | undefined {
  if (pods.length > 1) throw new NmiError('callerAmbiguous');
  return pods[0];
}

export function createCallerFinder(options: CallerFinderOptions): CallerFinder {
  const { pods, clock, waitMs = WAIT_MS } = options;
  return async (remoteAddress, signal) => {
    const address = normalAddress(remoteAddress ?? '');
    if (address === undefined) throw new NmiError('callerUnknown');
    const known = () => onlyOne(pods.by(BY_ADDRESS, address));
    const on = { index: BY_ADDRESS, value: address };
    const pod = known() ?? (await pods.waitFor(known, { timeoutMs: waitMs, signal, clock, on }));
    if (pod !== undefined) return pod;
    const live = await options.livePods();
    const found = onlyOne(live.filter((candidate) => addressesToFindBy(candidate).includes(address)));
    if (found === undefined) throw new NmiError('callerUnknown');
    return found;
  };
}
