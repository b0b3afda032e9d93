/** Digests that came with a body that S3 reads whole (a policy, a list of keys), compared with what arrived. */

import { AwsError } from '../framework/aws-error.ts';
import { loadXxHashes } from '../framework/xxhash.ts';
import { inputBindings } from '../protocols/rest-bindings.ts';
import type { HashName } from '../store/blob-store.ts';
import { hashBytes } from '../store/hashing.ts';
import type { Call } from './call.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html */
const checksums: readonly { header: string; name: string; hash: HashName; bytes: number }[] = [
  { header: 'x-amz-checksum-crc32', name: 'CRC32', hash: 'crc32', bytes: 4 },
  { header: 'x-amz-checksum-crc32c', name: 'CRC32C', hash: 'crc32c', bytes: 4 },
  { header: 'x-amz-checksum-crc64nvme', name: 'CRC64NVME', hash: 'crc64nvme', bytes: 8 },
  { header: 'x-amz-checksum-sha1', name: 'SHA1', hash: 'sha1', bytes: 20 },
  { header: 'x-amz-checksum-sha256', name: 'SHA256', hash: 'sha256', bytes: 32 },
  { header: 'x-amz-checksum-sha512', name: 'SHA512', hash: 'sha512', bytes: 64 },
  { header: 'x-amz-checksum-md5', name: 'MD5', hash: 'md5', bytes: 16 },
  { header: 'x-amz-checksum-xxhash64', name: 'XXHASH64', hash: 'xxhash64', bytes: 8 },
  { header: 'x-amz-checksum-xxhash3', name: 'XXHASH3', hash: 'xxhash3', bytes: 8 },
  { header: 'x-amz-checksum-xxhash128', name: 'XXHASH128', hash: 'xxhash128', bytes: 16 },
];

/** Throws BadDigest, InvalidDigest or InvalidRequest in the words of S3. `body` is what was sent, without aws-chunked. */
export async function checkBodyDigests(call: Call, body: Buffer): Promise<void> {
  if (body.length === 0) return;
  const headers = call.wireHeaders ?? call.request.headers;
  checkMd5(headers['content-md5'], body);
  const operation = call.operation!;
  // A checksum that the schema itself knows is not the body's: CompleteMultipartUpload tells that of the object.
  const { headers: bound } = inputBindings(operation.input);
  if (bound.some(({ name }) => name === checksums[0]!.header)) return;
  const told = { ...headers, ...call.decodedTrailers };
  const given = checksums.filter(({ header }) => told[header] !== undefined);
  if (given.length > 1) throw invalidRequest('Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.');
  const [only] = given;
  if (only) return checkChecksum(only, told[only.header]!.trim(), body);
  if (headers['x-amz-sdk-checksum-algorithm'] !== undefined && bound.some(({ name }) => name === 'x-amz-sdk-checksum-algorithm'))
    throw invalidRequest(
      'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
    );
}

function checkMd5(declared: string | undefined, body: Buffer): void {
  if (declared === undefined) return;
  if (!isBase64(declared, 16))
    throw new AwsError('InvalidDigest', 'The Content-MD5 you specified was invalid.', {
      status: 400,
      fields: { 'Content-MD5': declared.slice(0, 128) },
    });
  const computed = hashBytes(['md5'], body).md5!;
  if (computed.toString('base64') === declared) return;
  throw new AwsError('BadDigest', 'The Content-MD5 you specified did not match what we received.', {
    status: 400,
    fields: { ExpectedDigest: Buffer.from(declared, 'base64').toString('hex'), CalculatedDigest: computed.toString('base64') },
  });
}

async function checkChecksum({ header, name, hash, bytes }: (typeof checksums)[number], declared: string, body: Buffer): Promise<void> {
  if (!isBase64(declared, bytes)) throw invalidRequest(`Value for ${header} header is invalid.`);
  await loadXxHashes([hash]);
  if (hashBytes([hash], body)[hash]!.toString('base64') === declared) return;
  throw new AwsError('BadDigest', `The ${name} you specified did not match the calculated checksum.`, { status: 400 });
}

function isBase64(text: string, bytes: number): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text) && Buffer.byteLength(text, 'base64') === bytes;
}

function invalidRequest(message: string): AwsError {
  return new AwsError('InvalidRequest', message, { status: 400 });
}
