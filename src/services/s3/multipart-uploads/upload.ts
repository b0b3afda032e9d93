/** What an upload is: its id, its checksum, its parts' numbers. */

import { notImplemented } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { ownerOf } from '../buckets/bucket.ts';
import { algorithms, checksumType, defaultAlgorithm } from '../checksums/algorithms.ts';
import { namedAlgorithm } from '../checksums/digests.ts';
import { invalidArgument, invalidRequest, noSuchUpload } from '../errors.ts';
import { partNumberMax } from '../limits.ts';
import type { Input } from '../sdk.ts';
import { uploads, type Upload } from '../tables.ts';

const idAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const idRandomLength = 48;
const idTimeLength = 10;

/** Begins with the time, so that ids sort by age; the rest is not to be guessed. */
export function newUploadId(request: ServiceRequest): string {
  return request.now.toString(36).padStart(idTimeLength, '0') + request.random.text(idRandomLength, idAlphabet);
}

/** The upload's row. Throws NoSuchUpload. */
export async function requireUpload(tx: ReadTransaction, bucket: string, key: string, id: string): Promise<Upload> {
  const upload = isUploadId(id) ? await uploads.get(tx, bucket, key, id) : undefined;
  if (!upload) throw noSuchUpload(id);
  return upload;
}

export function isUploadId(id: string): boolean {
  return id.length === idTimeLength + idRandomLength && /^[A-Za-z0-9]+$/.test(id);
}

export function checkPartNumber(number: number): void {
  if (!Number.isInteger(number) || number < 1 || number > partNumberMax)
    throw invalidArgument(`Part number must be an integer between 1 and ${partNumberMax}, inclusive`, 'partNumber', number);
}

/** The checksum of the object to be: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html */
export function uploadChecksum(input: Input<'CreateMultipartUpload'>): Upload['checksum'] {
  const { ChecksumType: type } = input;
  if (input.ChecksumAlgorithm === undefined) {
    if (type !== undefined)
      throw invalidRequest('The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.');
    return { algorithm: defaultAlgorithm, composite: false, asked: false };
  }
  const algorithm = namedAlgorithm(input.ChecksumAlgorithm);
  const { composes } = algorithms[algorithm];
  if (type !== undefined && type !== 'COMPOSITE' && type !== 'FULL_OBJECT')
    throw notImplemented(`s3:CreateMultipartUpload with ChecksumType ${String(type)}`);
  const composite = type === undefined ? composes.composite : type === 'COMPOSITE';
  if (composite ? !composes.composite : !composes.fullObject)
    throw invalidRequest(
      `The ${checksumType({ composite })} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
    );
  return { algorithm, composite, asked: true };
}

/** Who began an upload, as S3 writes it. */
export function initiatorOf(request: ServiceRequest): Upload['initiator'] {
  const { principal } = request;
  if (principal.type === 'Root' || principal.type === 'Anonymous')
    return { id: ownerOf(principal.account).ID, name: principal.type === 'Root' ? 'root' : 'anonymous' };
  return { id: principal.arn, name: principal.arn.slice(principal.arn.lastIndexOf('/') + 1) };
}
