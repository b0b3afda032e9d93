/** Hands committed changes to the watchers of their prefixes, without ever making the writer wait. */

import { startsWith } from './keys.ts';
import type { Change, Key } from './store.ts';

const pendingMax = 10_000;

type Watcher = { prefix: Key; pending: Change[]; wake: () => void };

export class Watchers {
  #watchers = new Set<Watcher>();
  #closed = false;

  publish(changes: readonly Change[]): void {
    for (const watcher of this.#watchers) {
      let woken = false;
      for (const change of changes) {
        if (!startsWith(change.key, watcher.prefix)) continue;
        if (watcher.pending.length < pendingMax) watcher.pending.push(change);
        else watcher.pending = [{ key: watcher.prefix }]; // it lags: one change stands for all
        woken = true;
      }
      if (woken) watcher.wake();
    }
  }

  /** Tells every watcher that anything below its prefix may have changed. */
  publishUnknown(): void {
    for (const watcher of this.#watchers) {
      watcher.pending = [{ key: watcher.prefix }];
      watcher.wake();
    }
  }

  /**
   * Registers at once, so that a watcher which then reads the range misses nothing. For that every transaction
   * records its changes: whether somebody watches is only known when it commits.
   */
  watch(prefix: Key): AsyncIterable<Change> {
    const watcher: Watcher = { prefix, pending: [], wake: () => {} };
    this.#watchers.add(watcher);
    return { [Symbol.asyncIterator]: () => this.#iterator(watcher) };
  }

  close(): void {
    this.#closed = true;
    for (const watcher of this.#watchers) watcher.wake();
  }

  /** `return` must end a `next` that waits, which a plain generator would not do. */
  #iterator(watcher: Watcher): AsyncIterator<Change> {
    const changes = this.#changes(watcher);
    return {
      next: () => changes.next(),
      return: () => {
        this.#watchers.delete(watcher);
        watcher.wake();
        return changes.return(undefined);
      },
    };
  }

  async *#changes(watcher: Watcher): AsyncGenerator<Change, undefined> {
    try {
      while (!this.#closed && this.#watchers.has(watcher)) {
        yield* watcher.pending.splice(0);
        if (watcher.pending.length > 0 || this.#closed || !this.#watchers.has(watcher)) continue;
        await new Promise<void>((resolve) => (watcher.wake = resolve));
      }
    } finally {
      this.#watchers.delete(watcher);
    }
    return undefined;
  }
}
