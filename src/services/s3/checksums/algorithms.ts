/** The checksum algorithms of S3 and where each stands: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html */

import type { HashName } from '../../../store/blob-store.ts';
import type { Checksum, ChecksumAlgorithm } from '../tables.ts';

export type AlgorithmFacts = {
  /** As the blob store calls it. */
  hash: HashName;
  header: string;
  member: 'ChecksumCRC32' | 'ChecksumCRC32C' | 'ChecksumCRC64NVME' | 'ChecksumSHA1' | 'ChecksumSHA256' | 'ChecksumSHA512' | 'ChecksumMD5';
  bytes: number;
  /** Only CRCs can be put together from those of the parts. */
  composes: { composite: boolean; fullObject: boolean };
};

export const algorithms: Readonly<Record<ChecksumAlgorithm, AlgorithmFacts>> = {
  CRC32: {
    hash: 'crc32',
    header: 'x-amz-checksum-crc32',
    member: 'ChecksumCRC32',
    bytes: 4,
    composes: { composite: true, fullObject: true },
  },
  CRC32C: {
    hash: 'crc32c',
    header: 'x-amz-checksum-crc32c',
    member: 'ChecksumCRC32C',
    bytes: 4,
    composes: { composite: true, fullObject: true },
  },
  CRC64NVME: {
    hash: 'crc64nvme',
    header: 'x-amz-checksum-crc64nvme',
    member: 'ChecksumCRC64NVME',
    bytes: 8,
    composes: { composite: false, fullObject: true },
  },
  SHA1: {
    hash: 'sha1',
    header: 'x-amz-checksum-sha1',
    member: 'ChecksumSHA1',
    bytes: 20,
    composes: { composite: true, fullObject: false },
  },
  SHA256: {
    hash: 'sha256',
    header: 'x-amz-checksum-sha256',
    member: 'ChecksumSHA256',
    bytes: 32,
    composes: { composite: true, fullObject: false },
  },
  SHA512: {
    hash: 'sha512',
    header: 'x-amz-checksum-sha512',
    member: 'ChecksumSHA512',
    bytes: 64,
    composes: { composite: true, fullObject: false },
  },
  MD5: {
    hash: 'md5',
    header: 'x-amz-checksum-md5',
    member: 'ChecksumMD5',
    bytes: 16,
    composes: { composite: true, fullObject: false },
  },
};

export const algorithmNames = Object.keys(algorithms) as ChecksumAlgorithm[];

/** What S3 computes when nobody asks for another. */
export const defaultAlgorithm: ChecksumAlgorithm = 'CRC64NVME';

const byHeader = new Map<string, ChecksumAlgorithm>(algorithmNames.map((name) => [algorithms[name].header, name]));

export function algorithmOfHeader(header: string): ChecksumAlgorithm | undefined {
  return byHeader.get(header.toLowerCase());
}

export type ChecksumMembers = Partial<Record<AlgorithmFacts['member'], string>> & { ChecksumType?: 'COMPOSITE' | 'FULL_OBJECT' };

/** The members of an answer that tell a checksum. */
export function checksumMembers(checksum: Checksum): ChecksumMembers {
  return { [algorithms[checksum.algorithm].member]: checksum.value, ChecksumType: checksumType(checksum) };
}

export function checksumType(checksum: { composite?: boolean }): 'COMPOSITE' | 'FULL_OBJECT' {
  return checksum.composite ? 'COMPOSITE' : 'FULL_OBJECT';
}
