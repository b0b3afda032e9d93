/** Runs an async closure that must settle before the microtask queue is empty, and refuses one that does not. */

import { ForeignAwait } from '../../store.ts';

const { nextTick } = process;

/**
 * Awaiting an already settled promise needs microtasks only; a timer, I/O, another thread or another transaction
 * needs more. A tick queued from inside a microtask runs when the microtask queue is empty and before any I/O,
 * so a closure that is unsettled by then has awaited something foreign. `over` is called once, when the closure has settled or is refused.
 */
export async function withinMicrotasks<T>(closure: () => Promise<T>, over?: () => void): Promise<T> {
  await undefined; // enter a microtask: ticks queued outside of one would run too early
  return new Promise<T>((resolve, reject) => {
    let isOver = false;
    const end = (): boolean => {
      if (isOver) return false;
      isOver = true;
      over?.();
      return true;
    };
    nextTick(() => {
      if (end()) reject(new ForeignAwait());
    });
    closure().then(
      (value) => {
        if (end()) resolve(value);
      },
      (error) => {
        if (end()) reject(error);
      },
    );
  });
}
