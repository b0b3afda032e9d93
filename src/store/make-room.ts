/** Room in the memories of what was used lately. */

/** How much of its bound a memory keeps that has reached it. */
export const shareKept = 0.9;

/**
 * Drops what was set first, until there is room. For many entries at once, never for each that comes: to find its oldest entry, a map steps over
 * all those that it has deleted lately, which with ten thousand entries costs some 7 µs.
 */
export function makeRoom<Name>(map: ReadonlyMap<Name, unknown>, isEnough: () => boolean, drop: (name: Name) => void): void {
  for (const name of map.keys()) {
    if (isEnough()) return;
    drop(name);
  }
}
