import type { PodView } from '../world/views.ts';
import type { Need } from './need.ts';
import type { Notice } from './notice.ts';

/** Where NMI runs. */
export interface NmiPlaces {
  readonly isAnywhere: boolean;
  readonly isOn: (node: string) => boolean;
}

function problemOf(pod: PodView, { isAnywhere, isOn }: NmiPlaces): Omit<Notice, 'pod'> | undefined {
  if (pod.hostNetwork) {
    const detail = 'it is on the network of its node (hostNetwork), where NMI cannot tell it from other processes';
    return { reason: 'HostNetwork', detail };
  }
  // Where it runs nowhere that is said once, and not of each node.
  if (!isAnywhere || isOn(pod.node)) return undefined;
  return { reason: 'NodeWithoutNMI', detail: `no pod of NMI runs on node ${pod.node}` };
}

/** What keeps pods from using identities that they are given all the same. */
export function podNotices(needs: readonly Need[], nmi: NmiPlaces): Notice[] {
  const pods = new Map(needs.map(({ pod }) => [pod.uid, pod]));
  return [...pods.values()].flatMap((pod) => {
    const problem = problemOf(pod, nmi);
    return problem === undefined ? [] : [{ ...problem, pod }];
  });
}
