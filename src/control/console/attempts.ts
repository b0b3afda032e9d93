/** How often somebody may guess: failures by name and by address, in memory, forgotten after a while. */

type Failures = { count: number; since: number; lockedUntil: number };

const FAILURES_MAX = 10;
const SPAN_MILLISECONDS = 300_000;
/** More names than this at once are themselves an attack: the oldest are forgotten first. */
const NAMES_MAX = 10_000;

export type Attempts = {
  /** Milliseconds until any of these may try again; 0 when they may now. */
  waitFor(names: readonly string[]): number;
  failed(names: readonly string[]): void;
  succeeded(name: string): void;
};

export function createAttempts(now: () => number): Attempts {
  const byName = new Map<string, Failures>();
  return {
    waitFor: (names) => Math.max(0, ...names.map((name) => (byName.get(name)?.lockedUntil ?? 0) - now())),
    failed: (names) => {
      for (const name of names) {
        const known = byName.get(name);
        const at = now();
        const failures = known && at - known.since < SPAN_MILLISECONDS ? known : { count: 0, since: at, lockedUntil: 0 };
        failures.count++;
        if (failures.count >= FAILURES_MAX) failures.lockedUntil = at + SPAN_MILLISECONDS;
        byName.delete(name);
        byName.set(name, failures);
      }
      for (const oldest of byName.keys()) {
        if (byName.size <= NAMES_MAX) break;
        byName.delete(oldest);
      }
    },
    succeeded: (name) => void byName.delete(name),
  };
}
