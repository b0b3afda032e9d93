/** The digests that a client sends with a body, in headers or in the trailer, and their comparison with what arrived. */

import type { Readable } from 'node:stream';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { HashName, Staged } from '../../../store/blob-store.ts';
import { badChecksum, badMd5, invalidDigest, invalidRequest, malformedTrailer } from '../errors.ts';
import type { Checksum, ChecksumAlgorithm } from '../tables.ts';
import { algorithmNames, algorithmOfHeader, algorithms, defaultAlgorithm, type ChecksumMembers } from './algorithms.ts';

/** What a client said of a body before sending it. */
export type Expectation = {
  /** The algorithm whose value is kept with the bytes. */
  algorithm: ChecksumAlgorithm;
  /** True where the client named the algorithm in any way. */
  asked: boolean;
  /** Base64 from a header. */
  value?: string;
  /** The trailer's header, whose value comes after the body. */
  trailer?: string;
  md5?: string;
};

type DigestMembers = ChecksumMembers & {
  ContentMD5?: string | undefined;
  ChecksumAlgorithm?: string | undefined;
  Body?: Readable | Uint8Array | string | undefined;
};

const base64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** Reads the digests of a request; `fallback` is the algorithm when none is named. Throws for what contradicts itself. */
export function expectedDigests(request: ServiceRequest, input: object, fallback: ChecksumAlgorithm = defaultAlgorithm): Expectation {
  const members = input as DigestMembers & Record<string, unknown>;
  const md5 = members.ContentMD5;
  if (md5 !== undefined && !isBase64(md5, 16)) throw invalidDigest(md5);
  const given = algorithmNames.filter((name) => members[algorithms[name].member] !== undefined);
  if (given.length > 1) throw invalidRequest('Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.');
  const named = members.ChecksumAlgorithm === undefined ? undefined : namedAlgorithm(members.ChecksumAlgorithm);
  const trailer = trailerHeader(request);
  const kept = md5 === undefined ? {} : { md5 };
  if (given.length === 1) {
    const algorithm = given[0]!;
    const value = members[algorithms[algorithm].member]!;
    if (!isBase64(value, algorithms[algorithm].bytes)) throw invalidRequest(`Value for ${algorithms[algorithm].header} header is invalid.`);
    return { algorithm, asked: true, value, ...kept };
  }
  if (trailer) return { algorithm: trailer.algorithm, asked: true, trailer: trailer.header, ...kept };
  if (named && request.http)
    throw invalidRequest(
      'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
    );
  return { algorithm: named ?? fallback, asked: named !== undefined, ...kept };
}

/** The hashes to compute while a body is staged. */
export function hashesFor(expectation: Expectation, kept: ChecksumAlgorithm = expectation.algorithm): HashName[] {
  return [...new Set<HashName>(['md5', algorithms[expectation.algorithm].hash, algorithms[kept].hash])];
}

/** Compares what arrived with what was said of it; gives the checksum to keep. Throws BadDigest. */
export function verifiedChecksum(
  request: ServiceRequest,
  expectation: Expectation,
  staged: Staged,
  kept = expectation.algorithm,
): Checksum {
  const { algorithm, md5, trailer } = expectation;
  const calculatedMd5 = staged.hashes.md5!;
  if (md5 !== undefined && md5 !== calculatedMd5.toString('base64'))
    throw badMd5(Buffer.from(md5, 'base64').toString('hex'), calculatedMd5.toString('base64'));
  const calculated = staged.hashes[algorithms[algorithm].hash]!.toString('base64');
  const expected = trailer === undefined ? expectation.value : request.http?.trailers()[trailer]?.trim();
  if (trailer !== undefined && (expected === undefined || !isBase64(expected, algorithms[algorithm].bytes))) throw malformedTrailer();
  if (expected !== undefined && expected !== calculated) throw badChecksum(algorithm);
  return { algorithm: kept, value: kept === algorithm ? calculated : staged.hashes[algorithms[kept].hash]!.toString('base64') };
}

/** The algorithm that a header names. */
export function namedAlgorithm(name: string): ChecksumAlgorithm {
  const upper = name.toUpperCase();
  if (Object.hasOwn(algorithms, upper)) return upper as ChecksumAlgorithm;
  throw invalidRequest(
    'Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]',
  );
}

function trailerHeader(request: ServiceRequest): { header: string; algorithm: ChecksumAlgorithm } | undefined {
  const header = request.http?.headers['x-amz-trailer']?.trim().toLowerCase();
  if (!header) return undefined;
  const algorithm = algorithmOfHeader(header);
  if (!algorithm) throw invalidRequest('The value specified in the x-amz-trailer header is not supported');
  return { header, algorithm };
}

function isBase64(text: string, bytes: number): boolean {
  return base64.test(text) && Buffer.byteLength(text, 'base64') === bytes && text.length % 4 === 0;
}
