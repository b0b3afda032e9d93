/** Disks of this host, as EBS sees them: named ranges of bytes in which only what was written takes room. */

export type DiskState = { id: string; bytes: number; /** Room taken on the host. */ allocatedBytes: number };

/** A range of bytes that may hold something; all outside of such ranges is zero. */
export type Extent = { start: number; /** Exclusive. */ end: number };

/** The most that a disk gives, of reading and of writing. */
export type DiskSpeed = { operationsPerSecond: number; bytesPerSecond: number };

/** An encrypted disk of which this process has no key, or another one. */
export class DiskLocked extends Error {
  override name = 'DiskLocked';
}

export interface Disks {
  /**
   * Makes a disk of zeros, or of an image's bytes and zeros after them. Nothing happens when it is there. With a key of 32 bytes all that
   * is ever written to it is encrypted before it reaches the host's disk; the key is kept in memory alone.
   */
  create(id: string, options: { bytes: number; image?: string; key?: Uint8Array }): Promise<void>;
  /** Brings the key of an encrypted disk, for reading, writing and attaching it. Rejects with DiskLocked when it is another disk's. */
  unlock(id: string, key: Uint8Array): Promise<void>;
  /** Limits a disk for the machines that have it, at once and when they get it later; to be said again after a start of Haneul. */
  limit(id: string, speed: DiskSpeed): Promise<void>;
  /** Makes a disk larger; a running machine sees it. */
  grow(id: string, bytes: number): Promise<void>;
  /**
   * A copy as the disk is at one moment, made by sharing blocks where the file system can. Nothing happens when the copy is there. That of
   * an encrypted disk is encrypted with the same key, and needs no key to be made.
   */
  copy(id: string, copy: string): Promise<void>;
  /** Gives a disk another name, that of no other disk. */
  rename(id: string, name: string): Promise<void>;
  /** Nothing happens when it is not there. */
  delete(id: string): Promise<void>;
  /** Of all disks, in order. */
  ids(): Promise<string[]>;
  /** Undefined when there is no such disk. */
  state(id: string): Promise<DiskState | undefined>;
  /** Where something may be, in order. */
  extents(id: string): Promise<Extent[]>;
  /** Rejects with DiskLocked for an encrypted disk whose key is not here. */
  read(id: string, start: number, length: number): Promise<Buffer>;
  /** Writes bytes; they are durable after `sync`. Rejects as `read` does. */
  write(id: string, start: number, bytes: Uint8Array): Promise<void>;
  sync(id: string): Promise<void>;
}
