/** The bytes of disks as this process reads and writes them, encrypted ones too. */

import type { KeyObject } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import type { Disks, Extent } from '../../framework/disks.ts';
import type { Locks } from './locks.ts';
import { seal, sectorsAround, unseal } from './sealing.ts';

const copyBytes = 1024 * 1024;

export function diskBytes(path: (id: string) => string, locks: Locks): Pick<Disks, 'read' | 'write'> {
  const read = async (id: string, start: number, length: number): Promise<Buffer> => {
    const key = (await locks.keyOf(id))?.sealing;
    const around = key ? sectorsAround(start, length) : { start, length };
    const bytes = await withFile(path(id), 'r', (file) => readAt(file, around));
    if (!key) return bytes;
    unseal(key, around.start, bytes);
    return bytes.subarray(start - around.start, start - around.start + length);
  };

  const write = async (id: string, start: number, given: Uint8Array): Promise<void> => {
    const key = (await locks.keyOf(id))?.sealing;
    if (!key) return withFile(path(id), 'r+', (file) => writeAt(file, start, given));
    const around = sectorsAround(start, given.length);
    const bytes = around.length === given.length ? Buffer.from(given) : await read(id, around.start, around.length);
    bytes.set(given, start - around.start);
    seal(key, around.start, bytes);
    await withFile(path(id), 'r+', (file) => writeAt(file, around.start, bytes));
  };

  return { read, write };
}

async function readAt(file: FileHandle, { start, length }: { start: number; length: number }): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  for (let done = 0; done < length;) {
    const { bytesRead } = await file.read(bytes, done, length - done, start + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes;
}

async function writeAt(file: FileHandle, start: number, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) done += (await file.write(bytes, done, bytes.length - done, start + done)).bytesWritten;
}

/** An image as an encrypted disk: no plain byte of it is written. */
export async function copySealed(
  { file: from, extents }: { file: string; extents: readonly Extent[] },
  to: string,
  key: KeyObject,
): Promise<void> {
  await withFile(from, 'r', async (source) => {
    const { size } = await source.stat();
    const target = await open(to, 'wx', 0o600);
    try {
      for (const extent of extents)
        for (let at = extent.start; at < extent.end; at += copyBytes) {
          const around = sectorsAround(at, Math.min(copyBytes, extent.end - at));
          const bytes = await readAt(source, around);
          seal(key, around.start, bytes);
          await writeAt(target, around.start, bytes);
        }
      await target.truncate(Math.max(size, (await target.stat()).size));
      await target.sync();
    } finally {
      await target.close();
    }
  });
}

export async function withFile<T>(path: string, flags: 'r' | 'r+', use: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path, flags);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}
