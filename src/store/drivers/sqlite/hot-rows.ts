/** Values that the snapshot was asked for lately, in memory: a statement of SQLite costs several times as much as a look into a map. */

import { makeRoom, shareKept } from '../../make-room.ts';
import type { Change, Key, Value } from '../../store.ts';

const rowsMax = 10_000;
const charactersMax = 8 * 1024 * 1024;

export type HotRows = {
  get(key: Key, read: () => Value | undefined): Value | undefined;
  /** What these changes say is not known any more. To be called in the very moment in which reads begin to see them. */
  forget(changes: readonly Change[]): void;
};

/** Keeps what is there, never what is missing; those that came first make room. */
export function createHotRows(): HotRows {
  const rows = new Map<string, Value>();
  let held = 0;
  const drop = (name: string): void => {
    const value = rows.get(name);
    if (value === undefined) return;
    rows.delete(name);
    held -= value.length;
  };
  const isWithin = (share: number): boolean => held <= charactersMax * share && rows.size <= rowsMax * share;
  return {
    get(key, read) {
      const name = nameOf(key);
      const known = rows.get(name);
      if (known !== undefined) return known;
      const value = read();
      if (value === undefined) return undefined;
      rows.set(name, value);
      held += value.length;
      if (!isWithin(1)) makeRoom(rows, () => isWithin(shareKept), drop);
      return value;
    },
    forget(changes) {
      if (rows.size > 0) for (const { key } of changes) drop(nameOf(key));
    },
  };
}

function nameOf(key: Key): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1');
}
