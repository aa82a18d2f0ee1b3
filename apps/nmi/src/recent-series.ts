/** Label values of the series of one namespace, by their text. */
type Series<L extends string> = Map<string, Readonly<Record<L, string>>>;

/** More than a node has pods, so that only namespaces whose pods are gone are ever forgotten. */
const MOST_NAMESPACES = 300;

/**
 * Namespaces come and go for as long as a node lives, and each has series of its own. Told of each series that is
 * counted, this calls `forget` for those of the namespace that was not seen for longest, once there are too many.
 */
export function recentSeries<L extends string>(forget: (labels: Readonly<Record<L, string>>) => void) {
  const known = new Map<string, Series<L>>();
  let last = '';
  const seenAgain = (namespace: string): Series<L> => {
    const series: Series<L> = known.get(namespace) ?? new Map<string, Readonly<Record<L, string>>>();
    if (namespace === last) return series;
    last = namespace;
    known.delete(namespace);
    known.set(namespace, series);
    return series;
  };
  return (namespace: string, labels: Readonly<Record<L, string>>): void => {
    const series = seenAgain(namespace);
    const key = Object.values(labels).join(' ');
    if (!series.has(key)) series.set(key, labels);
    if (known.size <= MOST_NAMESPACES) return;
    const [oldest] = known.keys();
    for (const each of known.get(oldest ?? '')?.values() ?? []) forget(each);
    known.delete(oldest ?? '');
  };
}
