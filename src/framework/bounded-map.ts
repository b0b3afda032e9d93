/** Maps of what is remembered for a while and can always be found anew. */

/** Sets an entry of a map that holds `max` of them; when it is full, what was set first is forgotten. */
export function keepNewest<Key, Value>(all: Map<Key, Value>, max: number, key: Key, value: Value): void {
  if (all.size >= max) all.delete(all.keys().next().value!);
  all.set(key, value);
}
