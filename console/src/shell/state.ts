/** A value that components may watch: what the shell and the session keep outside of any page. */

import { useSyncExternalStore } from 'react';

export type State<T> = { get(): T; set(value: T): void; watch(listener: () => void): () => void };

export function createState<T>(initial: T, onChange?: (value: T) => void): State<T> {
  let value = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set: (next) => {
      if (Object.is(next, value)) return;
      value = next;
      onChange?.(next);
      for (const listener of listeners) listener();
    },
    watch: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

export function useWatched<T>(state: State<T>): T {
  return useSyncExternalStore(state.watch, state.get);
}
