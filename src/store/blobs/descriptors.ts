/** File reads and writes through the thread pool, by descriptor: less overhead than FileHandle on the hot path. */

import { close, fdatasync, fstat, fsync, open, read, writev } from 'node:fs';
import { promisify } from 'node:util';

export const openFile = promisify(open);
export const closeFile = promisify(close);
export const statOf = promisify(fstat);
export const syncData = promisify(fdatasync);
const syncAll = promisify(fsync);

/** Reads up to `length` bytes at a position; fewer only where the file ends. Into `buffer`, when one is given that is long enough. */
export function readAt(
  descriptor: number,
  length: number,
  position: number,
  buffer: Buffer = Buffer.allocUnsafeSlow(length),
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const next = (filled: number): void =>
      read(descriptor, buffer, filled, length - filled, position + filled, (error, count) => {
        if (error) reject(error);
        else if (count === 0 || filled + count === length) resolve(buffer.subarray(0, filled + count));
        else next(filled + count);
      });
    next(0);
  });
}

/** Writes all the bytes at a position, in one system call where the kernel takes them so. */
export function writeAt(descriptor: number, parts: readonly Uint8Array[], length: number, position: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const next = (left: readonly Uint8Array[], remaining: number, at: number): void =>
      writev(descriptor, left, at, (error, count) => {
        if (error) reject(error);
        else if (count === remaining) resolve();
        else if (count === 0) reject(Object.assign(new Error('the disk takes no more bytes'), { code: 'ENOSPC' }));
        else next(skip(left, count), remaining - count, at + count);
      });
    next(parts, length, position);
  });
}

/** A new file is durable only when its directory is, too. */
export async function syncDirectory(directory: string): Promise<void> {
  const descriptor = await openFile(directory, 'r');
  try {
    await syncAll(descriptor);
  } finally {
    await closeFile(descriptor);
  }
}

function skip(parts: readonly Uint8Array[], count: number): Uint8Array[] {
  const rest = [...parts];
  let left = count;
  while (left >= rest[0]!.length) left -= rest.shift()!.length;
  rest[0] = rest[0]!.subarray(left);
  return rest;
}
