/** What a container wrote to its console: the supervisor keeps two files of a mebibyte at most, the older one aside. */

import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { ignoreMissing } from '../missing-files.ts';

/** The last bytes of both, older first. */
export async function readConsole(folder: string, bytesMax: number): Promise<Buffer> {
  const young = await tail(join(folder, 'console'), bytesMax);
  const old = young.length < bytesMax ? await tail(join(folder, 'console.old'), bytesMax - young.length) : Buffer.alloc(0);
  return Buffer.concat([old, young]);
}

async function tail(path: string, bytesMax: number): Promise<Buffer> {
  const file = await open(path, 'r').catch(ignoreMissing);
  if (!file) return Buffer.alloc(0);
  try {
    const { size } = await file.stat();
    const bytes = Buffer.alloc(Math.min(size, bytesMax));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, size - bytes.length);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
