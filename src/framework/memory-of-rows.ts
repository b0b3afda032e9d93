/** What was read of a store and has not changed since: for rows that every call needs, and few calls change. */

import { keepNewest } from './bounded-map.ts';
import type { Change, Store } from '../store/store.ts';
import type { AnyTable } from '../store/table.ts';

export type RowMemory<Value> = {
  /** What is remembered, at once. */
  get(store: Store, key: string): Value | undefined;
  /** Reads what is not remembered; it is from then on, if it is there and nothing has changed meanwhile. */
  read(store: Store, key: string, read: () => Promise<Value | undefined>): Promise<Value | undefined>;
};

type Memory<Value> = { found: Map<string, Value>; changes: number };

const rememberedMax = 10_000;

/** Every commit to one of the tables empties it, before its caller is answered. */
export function rememberRows<Value>(tables: readonly Pick<AnyTable, 'prefix'>[]): RowMemory<Value> {
  const memories = new WeakMap<Store, Memory<Value>>();
  const of = (store: Store): Memory<Value> => {
    let memory = memories.get(store);
    if (!memory) {
      memories.set(store, (memory = { found: new Map(), changes: 0 }));
      for (const { prefix } of tables) void forgetChanged(store.watch(prefix), memory);
    }
    return memory;
  };
  return {
    get: (store, key) => of(store).found.get(key),
    read: async (store, key, read) => {
      const memory = of(store);
      const { changes } = memory;
      const value = await read();
      if (value === undefined) return undefined;
      if (memory.changes === changes) keepNewest(memory.found, rememberedMax, key, value);
      return value;
    },
  };
}

async function forgetChanged(changes: AsyncIterable<Change>, memory: Memory<unknown>): Promise<void> {
  for await (const _change of changes) {
    memory.changes++;
    memory.found.clear();
  }
}
