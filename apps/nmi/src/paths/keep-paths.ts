import type { Store } from '@aad-pod-identity/kube';
import type { Clock, Task } from '@aad-pod-identity/runtime';
import type { Pod } from '../pod.ts';
import type { KnownPaths } from './known-paths.ts';

/** On a bridge a pod's path shows once it has spoken to the node. */
const INTERVAL_MS = 10_000;

/** Looks at how pods are reached right after each change of them, all changes of one turn at once, and now and then. */
export function keepPaths(pods: Store<Pod>, paths: KnownPaths, clock: Clock): Task {
  return async (signal) => {
    let isDue = false;
    const look = (): void => {
      isDue = false;
      paths.observe(pods.list());
    };
    const unsubscribe = pods.subscribe(() => {
      if (isDue) return;
      isDue = true;
      clock.schedule(0, look);
    });
    while (!signal.aborted) {
      look();
      await clock.sleep(INTERVAL_MS, signal).catch(() => undefined);
    }
    unsubscribe();
  };
}
