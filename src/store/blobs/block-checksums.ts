/** The checksums that follow the bytes of a big blob in its file: one CRC-32 for each block, so that a range can be verified alone. */

import { crc32 } from 'node:zlib';
import { crc32Joiner } from '../hashing/crc32-combine.ts';

export const blockBytes = 256 * 1024;
export const checksumBytes = 4;

export const blockCount = (size: number): number => Math.ceil(size / blockBytes);
/** The length of the file of a blob. */
export const fileBytes = (size: number): number => size + blockCount(size) * checksumBytes;

export type BlockChecksums = {
  update(bytes: Uint8Array): void;
  /** Once all bytes have come: the table, as it stands in the file, and the CRC-32 of all bytes together. */
  finish(): { table: Buffer; whole: number };
};

const joinBlock = crc32Joiner(blockBytes);

export function createBlockChecksums(): BlockChecksums {
  const sums: number[] = [];
  let sum = 0;
  let filled = 0;
  return {
    update(bytes) {
      for (let at = 0; at < bytes.length;) {
        const part = bytes.subarray(at, at + blockBytes - filled);
        sum = crc32(part, sum);
        filled += part.length;
        at += part.length;
        if (filled < blockBytes) continue;
        sums.push(sum);
        sum = filled = 0;
      }
    },
    finish() {
      const all = filled > 0 ? [...sums, sum] : sums;
      const table = Buffer.allocUnsafe(all.length * checksumBytes);
      for (const [i, value] of all.entries()) table.writeUInt32BE(value, i * checksumBytes);
      const blocks = sums.reduce((before, block) => joinBlock(before, block), 0);
      return { table, whole: filled > 0 ? crc32Joiner(filled)(blocks, sum) : blocks };
    },
  };
}
