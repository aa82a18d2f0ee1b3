import type { Clock } from '@aad-pod-identity/runtime';

/**
 * The last value of `load`, shared by concurrent callers and loaded anew when older than `maxAgeMs` or when `fresh` is
 * asked for. A failed load is not remembered; while the old value is only aged and not refused, it goes on serving.
 */
export function cachedFor<V>(clock: Clock, maxAgeMs: number, load: () => Promise<V>): (fresh: boolean) => Promise<V> {
  let last: { value: V; at: number } | undefined;
  let loading: Promise<V> | undefined;

  async function reload(): Promise<V> {
    try {
      const value = await load();
      last = { value, at: clock.monotonic() };
      return value;
    } finally {
      loading = undefined;
    }
  }

  return async (fresh) => {
    if (!fresh && last !== undefined && clock.monotonic() - last.at < maxAgeMs) return last.value;
    loading ??= reload();
    const stale = fresh ? undefined : last;
    if (stale === undefined) return loading;
    return loading.catch(() => stale.value);
  };
}
