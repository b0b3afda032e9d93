/** The checksum algorithms of S3 and where each stands: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html */

import type { HashName } from '../../../store/blob-store.ts';
import type { Checksum, ChecksumAlgorithm } from '../tables.ts';

export type AlgorithmFacts = {
  /** As the blob store calls it. */
  hash: HashName;
  header: string;
  member: `Checksum${ChecksumAlgorithm}`;
  bytes: number;
  /** Only CRCs can be put together from those of the parts. */
  composes: { composite: boolean; fullObject: boolean };
};

const composite = { composite: true, fullObject: false };
const fullObject = { composite: false, fullObject: true };

function facts(name: ChecksumAlgorithm, bytes: number, composes: AlgorithmFacts['composes']): AlgorithmFacts {
  const hash = name.toLowerCase() as Lowercase<ChecksumAlgorithm>;
  return { hash, header: `x-amz-checksum-${hash}`, member: `Checksum${name}`, bytes, composes };
}

export const algorithms: Readonly<Record<ChecksumAlgorithm, AlgorithmFacts>> = {
  CRC32: facts('CRC32', 4, { composite: true, fullObject: true }),
  CRC32C: facts('CRC32C', 4, { composite: true, fullObject: true }),
  CRC64NVME: facts('CRC64NVME', 8, fullObject),
  SHA1: facts('SHA1', 20, composite),
  SHA256: facts('SHA256', 32, composite),
  SHA512: facts('SHA512', 64, composite),
  MD5: facts('MD5', 16, composite),
  XXHASH64: facts('XXHASH64', 8, composite),
  XXHASH3: facts('XXHASH3', 8, composite),
  XXHASH128: facts('XXHASH128', 16, composite),
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
