/** The part of the kernel's FUSE protocol (7.31) that one file needs: https://github.com/torvalds/linux/blob/master/include/uapi/linux/fuse.h */

export const operation = {
  forget: 2,
  getattr: 3,
  open: 14,
  read: 15,
  write: 16,
  statfs: 17,
  release: 18,
  fsync: 20,
  flush: 25,
  init: 26,
  interrupt: 36,
  destroy: 38,
  batchForget: 42,
  fallocate: 43,
} as const;

export const errors = { notSupported: -95, notThere: -38, inputOutput: -5 } as const;

export const requestHeaderBytes = 40;
export const replyHeaderBytes = 16;
/** Between the header of a write and its data. */
export const writeHeaderBytes = 40;
/** The most that one read or write carries: 256 pages. */
export const transferBytesMax = 1_048_576;

export type Request = { operation: number; unique: bigint };

export const requestOf = (bytes: Buffer): Request => ({ operation: bytes.readUInt32LE(4), unique: bytes.readBigUInt64LE(8) });

/** Where a read or write begins and how long it is. */
export const rangeOf = (bytes: Buffer): { start: number; length: number } => ({
  start: Number(bytes.readBigUInt64LE(requestHeaderBytes + 8)),
  length: bytes.readUInt32LE(requestHeaderBytes + 16),
});

const bigWrites = 1 << 5;
const asyncReads = 1;
const maxPages = 1 << 22;

/** The body of an answer to `init`: what this server can. */
export function initReply(request: Buffer): Buffer {
  const body = Buffer.alloc(64);
  body.writeUInt32LE(7, 0);
  body.writeUInt32LE(31, 4);
  body.writeUInt32LE(request.readUInt32LE(requestHeaderBytes + 8), 8); // read-ahead as the kernel has it
  body.writeUInt32LE(asyncReads | bigWrites | maxPages, 12);
  body.writeUInt16LE(16, 16);
  body.writeUInt16LE(12, 18);
  body.writeUInt32LE(transferBytesMax, 20);
  body.writeUInt32LE(1, 24);
  body.writeUInt16LE(transferBytesMax / 4096, 28);
  return body;
}

const regularFile = 0o100600;

/** The body of an answer to `getattr`: never remembered, since the file may grow. */
export function attributesReply(bytes: number): Buffer {
  const body = Buffer.alloc(104);
  body.writeBigUInt64LE(1n, 16);
  body.writeBigUInt64LE(BigInt(bytes), 24);
  body.writeBigUInt64LE(BigInt(Math.ceil(bytes / 512)), 32);
  body.writeUInt32LE(regularFile, 76);
  body.writeUInt32LE(1, 80);
  body.writeUInt32LE(4096, 96);
  return body;
}

const directIo = 1;

/** The body of an answer to `open`: nothing is cached between the loop device and us. */
export function openReply(): Buffer {
  const body = Buffer.alloc(16);
  body.writeBigUInt64LE(1n, 0);
  body.writeUInt32LE(directIo, 8);
  return body;
}

export function writeReply(length: number): Buffer {
  const body = Buffer.alloc(8);
  body.writeUInt32LE(length, 0);
  return body;
}
