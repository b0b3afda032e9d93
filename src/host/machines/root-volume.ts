/** The file system on a root volume, as its own header tells. */

import type { Disks } from '../../framework/disks.ts';

const superblockOffset = 1024;
const magic = 0xef53;

/** True when an ext4 file system leaves room at the end of its volume: the volume has grown. */
export async function fileSystemIsSmaller(disks: Disks, id: string): Promise<boolean> {
  const superblock = await disks.read(id, superblockOffset, 1024);
  if (superblock.readUInt16LE(56) !== magic) return false;
  const blockBytes = 1024 << superblock.readUInt32LE(24);
  return (superblock.readUInt32LE(4) + 1) * blockBytes <= (await disks.state(id))!.bytes;
}
