import { type KubeClient, pods } from '@aad-pod-identity/kube';
import { type Pod, slimPod } from './pod.ts';
import { singleFlight } from './tokens/single-flight.ts';

const TIMEOUT_MS = 5_000;

/** This node's pods straight from the API server. Callers at the same moment share one call. */
export function livePodsOf(client: KubeClient, node: string, onError: () => void): () => Promise<readonly Pod[]> {
  const list = async (_: string, signal: AbortSignal): Promise<readonly Pod[]> => {
    const query = { fieldSelector: `spec.nodeName=${node}` };
    const { items } = await client.list(pods, query, { signal, timeoutMs: TIMEOUT_MS });
    return items.map((raw) => slimPod(raw, node)).filter((pod) => pod !== undefined);
  };
  const shared = singleFlight(list, (key) => key);
  return async () => {
    try {
      return await shared(node, new AbortController().signal);
    } catch (error) {
      onError();
      throw error;
    }
  };
}
