/** Taking in a body: its length, its digests, its bytes on disk before anything else is written. */

import type { Readable } from 'node:stream';
import { AwsError } from '../../../framework/aws-error.ts';
import { bytesOf, hasOwnPieces } from '../../../framework/body.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { BlobTooLarge, type Staged } from '../../../store/blob-store.ts';
import { encryptor, type BlobKey } from '../../../framework/blob-encryption/frames.ts';
import { hashesFor, verifiedChecksum, type Expectation } from '../checksums/digests.ts';
import { entityTooLarge, incompleteBody, missingContentLength, transferEncodingNotSupported } from '../errors.ts';
import type { Checksum, ChecksumAlgorithm } from '../tables.ts';

export type Body = Readable | Uint8Array | string | undefined;
export type TakenIn = { staged: Staged; checksum: Checksum; /** Hexadecimal. */ md5: string };

/**
 * Stages a body, encrypted under the key of its blob, and compares it with its digests. Nothing is left behind when it throws: IncompleteBody when the client went
 * away or sent less than it said, EntityTooLarge, BadDigest, or what the transfer's own checks throw.
 */
export async function takeIn(
  request: ServiceRequest,
  body: Body,
  expectation: Expectation,
  bytesMax: number,
  key: BlobKey,
  keep?: ChecksumAlgorithm,
): Promise<TakenIn> {
  const length = declaredLength(request);
  if (length !== undefined && length > bytesMax) throw entityTooLarge(length, bytesMax);
  const staged = await stage(request, body, expectation, bytesMax, key, keep);
  try {
    if (length !== undefined && staged.taken !== length) throw incompleteBody();
    return { staged, checksum: verifiedChecksum(request, expectation, staged, keep), md5: staged.hashes.md5!.toString('hex') };
  } catch (error) {
    await request.blobs.discard(staged);
    throw error;
  }
}

async function stage(
  request: ServiceRequest,
  body: Body,
  expectation: Expectation,
  bytesMax: number,
  key: BlobKey,
  keep?: ChecksumAlgorithm,
): Promise<Staged> {
  try {
    return await request.blobs.stage(sourceOf(body), {
      hashes: hashesFor(expectation, keep),
      bytesMax,
      through: encryptor(key),
      owned: hasOwnPieces(body),
    });
  } catch (error) {
    if (error instanceof BlobTooLarge) throw entityTooLarge(bytesMax + 1, bytesMax);
    if (!(error instanceof AwsError) && isCutOff(request, error)) throw incompleteBody();
    throw error;
  }
}

function sourceOf(body: Body): Uint8Array | Readable {
  if (body === undefined) return new Uint8Array(0);
  if (typeof body === 'string') return Buffer.from(body);
  return wholeBody(body) ?? (body as Readable);
}

/** A small body has been read already: its bytes need no stream. */
export function wholeBody(body: Body): Uint8Array | undefined {
  if (body === undefined || typeof body === 'string') return undefined;
  return body instanceof Uint8Array ? body : bytesOf(body);
}

/** Whether a body ended before its time. */
function isCutOff(request: ServiceRequest, error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return request.signal.aborted || code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ABORT_ERR';
}

/** The length of the body proper, which S3 wants to know beforehand. Undefined for calls in process. */
function declaredLength(request: ServiceRequest): number | undefined {
  const headers = request.http?.headers;
  // The file of a form ends where the form says so.
  if (!headers || request.http!.method === 'POST') return undefined;
  const decoded = headers['x-amz-decoded-content-length'];
  if (decoded !== undefined) return lengthOf(decoded);
  if (headers['x-amz-content-sha256']?.startsWith('STREAMING-')) throw missingContentLength();
  const length = headers['content-length'];
  if (length !== undefined) return lengthOf(length);
  if (headers['transfer-encoding'] !== undefined) throw transferEncodingNotSupported();
  throw missingContentLength();
}

function lengthOf(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw missingContentLength();
  return Number(text);
}
