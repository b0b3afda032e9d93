/** The checksum of an object from those of its parts: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html */

import { createHash, type Hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { crc32c } from '@node-rs/crc32';
import { createXxHash, isXxHash } from '../../../framework/xxhash.ts';
import type { Checksum, ChecksumAlgorithm } from '../tables.ts';
import { algorithms } from './algorithms.ts';
import { combineCrcs, type Crc } from './crc-combination.ts';

export type PartSum = { checksum: string; size: number };

/** Of XXHashes loadXxHashes was to be waited for. Composite: the checksum of the parts' checksums, with their number. Full object: as if the bytes had been sent in one piece. */
export function multipartChecksum(algorithm: ChecksumAlgorithm, composite: boolean, parts: readonly PartSum[]): Checksum {
  const values = parts.map((part) => Buffer.from(part.checksum, 'base64'));
  if (composite) {
    const value = digestOf(algorithm, Buffer.concat(values)).toString('base64');
    return { algorithm, value: `${value}-${parts.length}`, composite };
  }
  const pieces = parts.map((part, i) => ({ value: values[i]!, size: part.size }));
  return { algorithm, value: combineCrcs(algorithm as Crc, pieces).toString('base64') };
}

/** The ETag of a completed upload: the MD5 of the parts' MD5s, with their number. */
export function multipartEtag(etags: readonly string[]): string {
  const md5: Hash = createHash('md5');
  for (const etag of etags) md5.update(etag, 'hex');
  return `${md5.digest('hex')}-${etags.length}`;
}

function digestOf(algorithm: ChecksumAlgorithm, bytes: Buffer): Buffer {
  if (algorithm === 'SHA1' || algorithm === 'SHA256' || algorithm === 'SHA512' || algorithm === 'MD5')
    return createHash(algorithm.toLowerCase()).update(bytes).digest();
  const { hash } = algorithms[algorithm];
  if (isXxHash(hash)) {
    const xxHash = createXxHash(hash);
    xxHash.update(bytes);
    return xxHash.digest();
  }
  if (algorithm === 'CRC64NVME') throw new Error('S3 knows no composite CRC64NVME');
  const out = Buffer.alloc(4);
  out.writeUInt32BE(algorithm === 'CRC32' ? crc32(bytes) : crc32c(bytes));
  return out;
}
