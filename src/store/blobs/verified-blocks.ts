/** Remembers for some minutes which blocks of which files were found whole, so that what is read again and again is not summed again and again. */

import { blockCount } from './block-checksums.ts';

/** A disk that rots in between is noticed this much later; a file that anybody has written to, at once. */
const rememberMilliseconds = 10 * 60_000;
const filesMax = 256;

export type VerifiedBlocks = { has(block: number): boolean; add(block: number): void };
export type FileStamp = { ino: bigint; mtimeNs: bigint; ctimeNs: bigint };

type Remembered = { stamp: string; since: number; bits: Uint8Array };

const remembered = new Map<string, Remembered>(); // the least recently used first

/** The memory of one file, empty when it has been written to since, or when the time is over. */
export function verifiedBlocks(path: string, size: number, { ino, mtimeNs, ctimeNs }: FileStamp): VerifiedBlocks {
  const stamp = `${ino} ${mtimeNs} ${ctimeNs}`;
  const now = performance.now();
  let entry = remembered.get(path);
  if (!entry || entry.stamp !== stamp || now - entry.since > rememberMilliseconds)
    entry = { stamp, since: now, bits: new Uint8Array(Math.ceil(blockCount(size) / 8)) };
  remembered.delete(path);
  remembered.set(path, entry);
  if (remembered.size > filesMax) remembered.delete(remembered.keys().next().value!);
  const { bits } = entry;
  return {
    has: (block) => (bits[block >> 3]! & (1 << (block & 7))) !== 0,
    add: (block) => void (bits[block >> 3]! |= 1 << (block & 7)),
  };
}
