/** The checksums that follow the bytes of a big blob in its file: one CRC-32 for each block, so that a range can be verified alone. */

import { crc32 } from 'node:zlib';

export const blockBytes = 256 * 1024;
export const checksumBytes = 4;

export const blockCount = (size: number): number => Math.ceil(size / blockBytes);
/** The length of the file of a blob. */
export const fileBytes = (size: number): number => size + blockCount(size) * checksumBytes;

export type BlockChecksums = { update(bytes: Uint8Array): void; /** The table, as it stands in the file. */ table(): Buffer };

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
    table() {
      const all = filled > 0 ? [...sums, sum] : sums;
      const table = Buffer.allocUnsafe(all.length * checksumBytes);
      all.forEach((value, i) => table.writeUInt32BE(value, i * checksumBytes));
      return table;
    },
  };
}
