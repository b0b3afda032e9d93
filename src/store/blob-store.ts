/** The contract of the blob store: bytes of objects, beside the records that own them. */

import type { Readable } from 'node:stream';
import type { XxHashName } from '../framework/xxhash.ts';
import type { WriteTransaction } from './store.ts';

export type HashName = 'md5' | 'sha1' | 'sha256' | 'sha512' | 'crc32' | 'crc32c' | 'crc64nvme' | XxHashName;

/** Where bytes lie. Plain data: it belongs in the owner's record. Small ones may carry their bytes inside. */
export type BlobRef = { id: string; size: number };

export type Staged = {
  ref: BlobRef;
  /** Digests of all bytes, as asked for, before `through` changed them. */
  hashes: Partial<Record<HashName, Buffer>>;
  /** How many bytes came in. */
  taken: number;
};

export type StageOptions = {
  hashes?: readonly HashName[];
  /** More bytes than this reject with BlobTooLarge. */
  bytesMax?: number;
  /** Changes the bytes after they were hashed and counted: encryption. The ref's size is that of what is stored. */
  through?: ByteTransform;
  /** Nobody else needs the pieces of a stream: their memory goes as soon as they have been hashed and changed. */
  owned?: boolean;
};

/** Bytes in, other bytes out, which are their taker's alone; what is held back comes with `final`. Each is used for one stream. */
export type ByteTransform = { update(bytes: Uint8Array): Uint8Array; final(): Uint8Array };

/**
 * Gives the memory of bytes back that nobody needs any more, where nothing else lies in it: left to the garbage collector, a big body would
 * take fresh memory for each piece, and collections of the whole heap one after the other.
 */
export function release({ buffer, byteLength }: Uint8Array): void {
  if (buffer.byteLength === byteLength) (buffer as ArrayBuffer).transfer(0);
}

/** From `start` (default 0) to `end` (exclusive, default the size). */
export type ReadRange = {
  start?: number;
  end?: number;
  /** The reader checks the bytes by a stronger means of its own (the tags of its cipher), and likes them in pieces of this length: they are not checked twice. */
  ownPieces?: number;
};

export interface BlobStore {
  /**
   * Writes bytes durably, in constant memory, hashing on the way (big bodies in worker threads). What is staged belongs to nobody:
   * `adopt` it in the transaction that writes the owner's record, or `discard` it. After a crash what was not adopted is collected.
   * Rejects with what the source threw, and leaves nothing behind.
   */
  stage(bytes: Uint8Array | AsyncIterable<Uint8Array>, options?: StageOptions): Promise<Staged>;
  /** Makes a staged blob exist, together with whatever else the transaction writes. Each of several owners removes its own share. */
  adopt(tx: WriteTransaction, staged: Staged | BlobRef, owners?: number): Promise<void>;
  /** Another owner of the same bytes, for copies that need not copy: each owner removes its own share. */
  share(tx: WriteTransaction, ref: BlobRef): Promise<void>;
  /** The owner lets go; the bytes go later, never under a reader. */
  remove(tx: WriteTransaction, ref: BlobRef): Promise<void>;
  discard(staged: Staged): Promise<void>;
  /** Digests of bytes that are to be kept nowhere, in constant memory; big ones in worker threads. Rejects with what the source threw. */
  digest(bytes: Uint8Array | AsyncIterable<Uint8Array>, hashes: readonly HashName[]): Promise<Staged['hashes']>;
  /** The bytes of a range; checked against their checksum, a mismatch destroys the stream with BlobCorrupt. */
  read(ref: BlobRef, range?: ReadRange): Readable;
  /** The same, whole, for blobs that are known to be small. */
  bytes(ref: BlobRef): Promise<Buffer>;
  /** Keeps in memory what the owner makes of a small blob (decrypts it), in place of the stored bytes, until others are used more. */
  keep(ref: BlobRef, made: Uint8Array): void;
  /** What `keep` was given, while it lasts. Not to be written to. */
  kept(ref: BlobRef): Buffer | undefined;
}

/** A staged blob waited too long to be adopted; its bytes count as left behind. */
export class StageExpired extends Error {
  override name = 'StageExpired';
}

/** The bytes are gone: their last owner let go of them, or the blob directory is another store's. */
export class BlobMissing extends Error {
  override name = 'BlobMissing';
}

export class BlobTooLarge extends Error {
  override name = 'BlobTooLarge';
}

/** Blobs cannot be kept in that place: it is another store's, or not there, or this store has its blobs elsewhere. */
export class BlobPlaceRefused extends Error {
  override name = 'BlobPlaceRefused';
}

export class BlobCorrupt extends Error {
  override name = 'BlobCorrupt';
}
