/** Bounds a Map, whose entries stand in the order in which they were set: the oldest ones go. */
export function keepNewest(map: Map<string, unknown>, max: number): void {
  for (const oldest of map.keys()) {
    if (map.size <= max) return;
    map.delete(oldest);
  }
}
