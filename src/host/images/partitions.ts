/** Where file systems lie on a disk: whole, or in the partitions of an MBR or a GPT. Numbers of a stranger's disk are checked against its size. */

import type { FileHandle } from 'node:fs/promises';

export type FileSystem = {
  start: number;
  bytes: number;
  /** `ext` is ext2, ext3 or ext4. */ kind: 'ext' | 'xfs' | 'btrfs' | 'lvm' | 'other';
};

const sectorBytes = 512;
const partitionsMax = 128;
const logicalMax = 64;
const entryBytes = 16;
const extended = new Set([0x05, 0x0f, 0x85]);
const protective = 0xee;

/** All that hold something, in the order of the table; a disk without a table may be one file system. */
export async function fileSystemsOn(disk: FileHandle): Promise<FileSystem[]> {
  const { size } = await disk.stat();
  const whole = await kindAt(disk, 0, size);
  if (whole !== 'other') return [{ start: 0, bytes: size, kind: whole }];
  const found: FileSystem[] = [];
  for (const { start, bytes } of await partitionsOf(disk, size)) {
    if (start <= 0 || bytes <= 0 || start + bytes > size) continue;
    found.push({ start, bytes, kind: await kindAt(disk, start, bytes) });
  }
  return found;
}

type Range = { start: number; bytes: number };

async function partitionsOf(disk: FileHandle, size: number): Promise<Range[]> {
  const first = await bytesAt(disk, 0, sectorBytes);
  if (first.readUInt16LE(510) !== 0xaa55) return [];
  const entries = entriesOf(first);
  if (entries.some(({ type }) => type === protective)) return gptOf(disk);
  const ranges: Range[] = [];
  for (const { type, start, count } of entries) {
    if (type === 0) continue;
    if (extended.has(type)) ranges.push(...(await logicalOf(disk, start, size)));
    else ranges.push({ start: start * sectorBytes, bytes: count * sectorBytes });
  }
  return ranges;
}

const entriesOf = (sector: Buffer) =>
  [0, 1, 2, 3].map((at) => {
    const entry = sector.subarray(446 + at * entryBytes, 446 + (at + 1) * entryBytes);
    return { type: entry[4]!, start: entry.readUInt32LE(8), count: entry.readUInt32LE(12) };
  });

/** A chain of tables, each with one partition and the next table; a chain that does not end is left after some. */
async function logicalOf(disk: FileHandle, base: number, size: number): Promise<Range[]> {
  const ranges: Range[] = [];
  for (let at = base, seen = 0; seen < logicalMax && at * sectorBytes < size; seen++) {
    const table = await bytesAt(disk, at * sectorBytes, sectorBytes);
    if (table.readUInt16LE(510) !== 0xaa55) break;
    const [own, next] = entriesOf(table);
    if (own!.type !== 0) ranges.push({ start: (at + own!.start) * sectorBytes, bytes: own!.count * sectorBytes });
    if (!extended.has(next!.type)) break;
    at = base + next!.start;
  }
  return ranges;
}

/** https://uefi.org/specs/UEFI/2.10/05_GUID_Partition_Table_Format.html */
async function gptOf(disk: FileHandle): Promise<Range[]> {
  const header = await bytesAt(disk, sectorBytes, sectorBytes);
  if (header.toString('latin1', 0, 8) !== 'EFI PART') return [];
  const [table, count, bytesEach] = [Number(header.readBigUInt64LE(72)), header.readUInt32LE(80), header.readUInt32LE(84)];
  if (bytesEach < 128 || bytesEach > 4096 || !Number.isSafeInteger(table * sectorBytes)) return [];
  const entries = await bytesAt(disk, table * sectorBytes, Math.min(count, partitionsMax) * bytesEach);
  const ranges: Range[] = [];
  for (let at = 0; at + bytesEach <= entries.length; at += bytesEach) {
    if (entries.subarray(at, at + 16).every((byte) => byte === 0)) continue;
    const [first, last] = [Number(entries.readBigUInt64LE(at + 32)), Number(entries.readBigUInt64LE(at + 40))];
    ranges.push({ start: first * sectorBytes, bytes: (last - first + 1) * sectorBytes });
  }
  return ranges;
}

async function kindAt(disk: FileHandle, start: number, bytes: number): Promise<FileSystem['kind']> {
  if (bytes < 4096) return 'other';
  const head = await bytesAt(disk, start, 4096);
  if (head.readUInt16LE(1024 + 56) === 0xef53) return 'ext';
  if (head.toString('latin1', 0, 4) === 'XFSB') return 'xfs';
  if ([0, 1, 2, 3].some((sector) => head.toString('latin1', sector * sectorBytes, sector * sectorBytes + 8) === 'LABELONE')) return 'lvm';
  return (await bytesAt(disk, start + 65_536 + 64, 8)).toString('latin1') === '_BHRfS_M' ? 'btrfs' : 'other';
}

async function bytesAt(disk: FileHandle, start: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  await disk.read(bytes, 0, length, start);
  return bytes;
}
