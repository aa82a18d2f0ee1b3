import type { Pod } from '../pod.ts';
import type { Grant } from './grant.ts';
import type { Subscribe } from './next-change.ts';

/**
 * `grants`, worked out once for each pod until anything changes that they are made of. Stores announce a change before
 * anybody else runs, so no request ever sees what was remembered from before it.
 * @param subscribe to everything that `grants` reads besides the pod, which is another object after a change
 */
export function rememberedGrants(
  grants: (pod: Pod) => readonly Grant[],
  subscribe: Subscribe,
): (pod: Pod) => readonly Grant[] {
  let known = new WeakMap<Pod, readonly Grant[]>();
  subscribe(() => {
    known = new WeakMap();
  });
  return (pod) => {
    const before = known.get(pod);
    if (before !== undefined) return before;
    const now = grants(pod);
    known.set(pod, now);
    return now;
  };
}
