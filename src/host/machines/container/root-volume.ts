/** The file system on a root volume, as its own header tells. */

import { open } from 'node:fs/promises';

const superblockOffset = 1024;
const magic = 0xef53;

/** True when an ext4 file system leaves room at the end of its volume: the volume has grown. */
export async function fileSystemIsSmaller(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const superblock = Buffer.alloc(1024);
    await file.read(superblock, 0, superblock.length, superblockOffset);
    if (superblock.readUInt16LE(56) !== magic) return false;
    const blockBytes = 1024 << superblock.readUInt32LE(24);
    return (superblock.readUInt32LE(4) + 1) * blockBytes <= size;
  } finally {
    await file.close();
  }
}
