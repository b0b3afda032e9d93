/** Which disks are encrypted, told by a file beside each, and the keys of those that were opened, in memory alone. */

import { rm } from 'node:fs/promises';
import { DiskLocked } from '../../framework/disks.ts';
import { replaceFile } from '../file-replacement.ts';
import { readText } from '../missing-files.ts';
import { keyCheckOf, sealingKeyOf } from './sealing.ts';
import type { KeyObject } from 'node:crypto';

export type Locks = {
  /** Makes a disk an encrypted one. */
  fit(id: string, key: Uint8Array): Promise<void>;
  isFitted(id: string): Promise<boolean>;
  unlock(id: string, key: Uint8Array): Promise<void>;
  /** The key with which a disk was unlocked; undefined for one that is not encrypted. Rejects with DiskLocked. */
  keyOf(id: string): Promise<{ plain: Uint8Array; sealing: KeyObject } | undefined>;
  /** Another disk with the same lock, and with its key where that is here. */
  same(id: string, other: string): Promise<void>;
  forget(id: string): Promise<void>;
};

/** @param path of the file that says that a disk is encrypted, and with which key. */
export function diskLocks(path: (id: string) => string): Locks {
  const keys = new Map<string, { plain: Uint8Array; sealing: KeyObject }>();
  const keep = (id: string, plain: Uint8Array): void => void keys.set(id, { plain, sealing: sealingKeyOf(plain) });

  return {
    async fit(id, key) {
      await replaceFile(path(id), keyCheckOf(key), 0o600);
      keep(id, key);
    },
    isFitted: async (id) => (await readText(path(id))) !== undefined,
    async unlock(id, key) {
      if ((await readText(path(id))) !== keyCheckOf(key)) throw new DiskLocked(`the key is not that of ${id}`);
      keep(id, key);
    },
    async keyOf(id) {
      const known = keys.get(id);
      if (known || (await readText(path(id))) === undefined) return known;
      throw new DiskLocked(`${id} is encrypted, and its key is not here`);
    },
    async same(id, other) {
      const lock = await readText(path(id));
      if (lock === undefined) return;
      await replaceFile(path(other), lock, 0o600);
      const known = keys.get(id);
      if (known) keys.set(other, known);
    },
    async forget(id) {
      keys.delete(id);
      await rm(path(id), { force: true });
    },
  };
}
