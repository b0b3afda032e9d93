/** Digests computed in the thread that asks. */

import { createHash, hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { createXxHash } from '../../framework/xxhash.ts';
import type { HashName } from '../blob-store.ts';
import { crc32c } from './crc32c.ts';
import { createCrc64Nvme } from './crc64nvme.ts';

export type Digests = Partial<Record<HashName, Buffer>>;
export type LocalHash = { update(bytes: Uint8Array): void; digest(): Digests };
type OneHash = { update(bytes: Uint8Array): unknown; digest(): Buffer };

/** Throws for XXHashes that were not loaded before. */
export function createLocalHash(names: readonly HashName[]): LocalHash {
  const hashes = names.map((name) => [name, createOne(name)] as const);
  return {
    update(bytes) {
      for (const [, one] of hashes) one.update(bytes);
    },
    digest: () => Object.fromEntries(hashes.map(([name, one]) => [name, one.digest()])),
  };
}

/** Digests of bytes that are at hand. Throws for XXHashes that were not loaded before. */
export function hashBytes(names: readonly HashName[], bytes: Uint8Array): Digests {
  const digests: Digests = {};
  for (const name of names) digests[name] = hashOne(name, bytes);
  return digests;
}

function hashOne(name: HashName, bytes: Uint8Array): Buffer {
  if (name === 'md5' || name === 'sha1' || name === 'sha256' || name === 'sha512') return hash(name, bytes, 'buffer'); // less overhead than createHash
  const one = createOne(name);
  one.update(bytes);
  return one.digest();
}

function createOne(name: HashName): OneHash {
  switch (name) {
    case 'md5':
    case 'sha1':
    case 'sha256':
    case 'sha512':
      return createHash(name);
    case 'crc32':
      return createCrc(crc32);
    case 'crc32c':
      return createCrc(crc32c);
    case 'crc64nvme':
      return createCrc64Nvme();
    case 'xxhash64':
    case 'xxhash3':
    case 'xxhash128':
      return createXxHash(name);
  }
}

function createCrc(next: (bytes: Uint8Array, before: number) => number): OneHash {
  let crc = 0;
  return {
    update: (bytes) => (crc = next(bytes, crc)),
    digest() {
      const out = Buffer.alloc(4);
      out.writeUInt32BE(crc >>> 0);
      return out;
    },
  };
}
