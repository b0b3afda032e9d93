/** Finds the programs of this host that images are made of. */

import { constants } from 'node:fs';
import { access, open, readlink, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { programPath } from '../programs.ts';

/** The path of a program with all links followed, or undefined. */
export async function programIn(name: string, directories: readonly string[] = programPath.split(':')): Promise<string | undefined> {
  for (const directory of directories) {
    try {
      const path = join(directory, name);
      await access(path, constants.X_OK);
      return await realpath(path);
    } catch (error) {
      if (!['ENOENT', 'EACCES', 'ENOTDIR', 'ELOOP'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
  return undefined;
}

const elf64 = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
const interpreterSegment = 3;

/** True for a program that loads no shared libraries: its header (ELF, 64 bits, little end first) asks for no loader. */
export async function isStatic(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const header = Buffer.alloc(4096);
    await file.read(header, 0, header.length, 0);
    if (!header.subarray(0, elf64.length).equals(elf64)) return false;
    const [start, bytes, count] = [Number(header.readBigUInt64LE(32)), header.readUInt16LE(54), header.readUInt16LE(56)];
    if (start + bytes * count > header.length) return false;
    return !Array.from({ length: count }, (_, at) => header.readUInt32LE(start + at * bytes)).includes(interpreterSegment);
  } finally {
    await file.close();
  }
}

/** Where a link leads, or undefined for what is none. */
export async function linkAt(path: string): Promise<string | undefined> {
  try {
    return await readlink(path);
  } catch (error) {
    if (['EINVAL', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
