import { type KubeClient, pods } from '@aad-pod-identity/kube';
import type { Clock } from '@aad-pod-identity/runtime';
import { type Pod, slimPod } from './pod.ts';

/** This node's pods, straight from the API server. */
export interface LivePods {
  /** `clock.monotonic()` when it was asked: what it says is no older. */
  readonly at: number;
  readonly pods: readonly Pod[];
}

export interface LivePodsOptions {
  readonly client: KubeClient;
  readonly node: string;
  readonly clock: Clock;
  readonly onError: () => void;
}

const TIMEOUT_MS = 5_000;
/** A pod that asks in a loop shall not make the API server list in a loop. */
export const KEPT_MS = 1_000;

/** Callers at the same moment share one call, and its outcome goes for a second, a failure too. */
export function livePodsOf({ client, node, clock, onError }: LivePodsOptions): () => Promise<LivePods> {
  const list = async (at: number): Promise<LivePods> => {
    const query = { fieldSelector: `spec.nodeName=${node}` };
    const signal = new AbortController().signal;
    const { items } = await client.list(pods, query, { signal, timeoutMs: TIMEOUT_MS });
    return { at, pods: items.map((raw) => slimPod(raw, node)).filter((pod) => pod !== undefined) };
  };
  let last: { readonly answer: Promise<LivePods>; keptUntil: number } | undefined;
  return () => {
    const now = clock.monotonic();
    if (last !== undefined && now < last.keptUntil) return last.answer;
    const call = { answer: list(now), keptUntil: Infinity };
    last = call;
    call.answer.catch(onError).finally(() => {
      call.keptUntil = now + KEPT_MS;
    });
    return call.answer;
  };
}
