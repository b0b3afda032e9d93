/** Writes one big blob into a file of its own, while more of it arrives. */

import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { StageExpired } from '../blob-store.ts';
import { createBlockChecksums } from './block-checksums.ts';
import { closeFile, openFile, statOf, syncDirectory } from './descriptors.ts';
import { createWriteBehind } from './write-behind.ts';

export type FileWriter = {
  /** A promise means: wait before you give more. The bytes must not be changed any more. */
  write(bytes: Uint8Array): void | Promise<void>;
  /** Resolves when the file is durable, with its name and the CRC-32 of its bytes. */
  finish(): Promise<{ file: string; crc32: number }>;
  /** Removes what was written. */
  abort(): Promise<void>;
};

/** What this process is writing: however slowly it arrives, it is not left behind. */
const underWay = new Set<string>();

export function isUnderWay(file: string): boolean {
  return underWay.has(file);
}

/** Files lie in 256 directories by the first two digits of their random part. */
export function filePath(directory: string, file: string): string {
  return join(directory, file.slice(file.indexOf('-') + 1, file.indexOf('-') + 3), file);
}

/** @param owned nobody but the writer needs the bytes that it is given. */
export async function createFileWriter(directory: string, now: number, owned = false): Promise<FileWriter> {
  const file = `${now.toString(36)}-${randomBytes(8).toString('hex')}`;
  const path = filePath(directory, file);
  underWay.add(file);
  const descriptor = await create(directory, path).catch((error: unknown) => {
    underWay.delete(file);
    throw error;
  });
  const checksums = createBlockChecksums();
  const behind = createWriteBehind(descriptor, owned);
  let closed = false;

  const close = async (): Promise<void> => {
    if (closed) return;
    closed = true; // never twice: by then the number may be another file's
    await closeFile(descriptor);
  };

  return {
    write(bytes) {
      checksums.update(bytes);
      return behind.write(bytes);
    },
    async finish() {
      const { table, whole } = checksums.finish();
      await behind.write(table);
      await behind.finish();
      const { nlink } = await statOf(descriptor, { bigint: true });
      if (nlink === 0n) throw new StageExpired('the bytes came so slowly that another process took them for left behind');
      await close();
      await syncDirectory(dirname(path));
      underWay.delete(file);
      return { file, crc32: whole };
    },
    async abort() {
      await behind.settle();
      await close();
      underWay.delete(file);
      await rm(path, { force: true });
    },
  };
}

async function create(directory: string, path: string): Promise<number> {
  try {
    return await openFile(path, 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await syncDirectory(directory);
  return openFile(path, 'wx', 0o600);
}
