/**
 * Trust: the caller is whoever holds the address of the socket's other end, and nothing else. No header, no parameter
 * and no part of the path is read here, and none may ever be; a test sends forged ones and sees that nothing changes.
 *
 * Who holds it, the API server knows, and it hears of a change late; the node's kernel knows at once that an address is
 * reached another way, but no names. So a pod of the watch is believed only if the kernel does not contradict, and while
 * the watch is stale only if the kernel agrees (docs/adr/0005-who-holds-an-address.md).
 */
import type { Store } from '@aad-pod-identity/kube';
import type { Clock } from '@aad-pod-identity/runtime';
import { NmiError } from './errors.ts';
import { KEPT_MS, type LivePods } from './live-pods.ts';
import type { Evidence, KnownPaths } from './paths/known-paths.ts';
import { addressesToFindBy, BY_ADDRESS, normalAddress, type Pod } from './pod.ts';

export interface CallerFinderOptions {
  readonly pods: Store<Pod>;
  /** The node's pods as the API server knows them at this moment. */
  readonly livePods: () => Promise<LivePods>;
  readonly paths: Pick<KnownPaths, 'compare' | 'confirm'>;
  /** Whether what the watch told is at most moments old. */
  readonly isFresh: () => boolean;
  readonly clock: Clock;
  /** How long the watch may take to bring a pod that is already calling, in milliseconds. */
  readonly waitMs?: number;
}

/** The socket's part of a request. */
export interface Caller {
  readonly remoteAddress: string | undefined;
  /** The connection itself, as a key: whoever opened it stays its other end. */
  readonly connection: object;
  readonly signal: AbortSignal;
}

/** The pod that holds the address of a socket. @throws NmiError `callerUnknown` or `callerAmbiguous` */
export type CallerFinder = (caller: Caller) => Promise<Pod>;

/** As long as the original's four looks. */
const WAIT_MS = 1_200;

/** Whether a pod of the watch is taken for the caller. */
const BELIEVED: Readonly<Record<Evidence, { readonly fresh: boolean; readonly stale: boolean }>> = {
  unknown: { fresh: true, stale: false },
  same: { fresh: true, stale: false },
  proven: { fresh: true, stale: true },
  moved: { fresh: false, stale: false },
};

function onlyOne(pods: readonly Pod[]): Pod | undefined {
  if (pods.length > 1) throw new NmiError('callerAmbiguous');
  return pods[0];
}

function holderOf(address: string, { pods }: LivePods): Pod | undefined {
  return onlyOne(pods.filter((pod) => addressesToFindBy(pod).includes(address)));
}

export function createCallerFinder(options: CallerFinderOptions): CallerFinder {
  const { pods, paths, isFresh, clock, waitMs = WAIT_MS } = options;
  const uidOf = new WeakMap<object, string>();

  function believed(pod: Pod | undefined, address: string): Pod | undefined {
    if (pod === undefined) return undefined;
    const evidence = paths.compare(pod, address);
    return BELIEVED[evidence][isFresh() ? 'fresh' : 'stale'] ? pod : undefined;
  }

  /** What was asked before the request came may be older than its pod; then the next answer counts. */
  async function lookUp(address: string, { since, signal }: { since: number; signal: AbortSignal }): Promise<Pod> {
    let live = await options.livePods();
    if (holderOf(address, live) === undefined && live.at < since) {
      await clock.sleep(KEPT_MS, signal);
      live = await options.livePods();
    }
    const found = holderOf(address, live);
    if (found === undefined || !paths.confirm(found, address, live.at)) throw new NmiError('callerUnknown');
    return found;
  }

  async function identify(address: string, known: () => Pod | undefined, signal: AbortSignal): Promise<Pod> {
    const since = clock.monotonic();
    const look = () => believed(known(), address);
    const pod = look();
    if (pod !== undefined) return pod;
    const on = { index: BY_ADDRESS, value: address };
    const mayCome = isFresh() || known() === undefined;
    const late = mayCome ? await pods.waitFor(look, { timeoutMs: waitMs, signal, clock, on }) : undefined;
    return late ?? lookUp(address, { since, signal });
  }

  return async ({ remoteAddress, connection, signal }) => {
    const address = normalAddress(remoteAddress ?? '');
    if (address === undefined) throw new NmiError('callerUnknown');
    const known = () => onlyOne(pods.by(BY_ADDRESS, address));
    const pod = known();
    if (pod !== undefined && uidOf.get(connection) === pod.uid) return pod;
    const found = await identify(address, known, signal);
    uidOf.set(connection, found.uid);
    return found;
  };
}
