/** CompleteMultipartUpload: the parts become an object where they lie; no byte is copied. */

import { loadXxHashes } from '../../../framework/xxhash.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { lookUp, requireBucket } from '../buckets/lookup.ts';
import { algorithmNames, algorithms, checksumMembers, checksumType } from '../checksums/algorithms.ts';
import { multipartChecksum, multipartEtag } from '../checksums/multipart.ts';
import { customerKeyOf, type CustomerKey } from '../encryption/customer-key.ts';
import { checkUploadKey, encryptionMembers } from '../encryption/wanted.ts';
import {
  badFullObjectChecksum,
  entityTooLarge,
  entityTooSmall,
  invalidPart,
  invalidPartOrder,
  invalidRequest,
  malformedXml,
  noSuchUpload,
} from '../errors.ts';
import { expirationMember } from '../lifecycle/rules.ts';
import { objectBytesMax, partBytesMin, partNumberMax } from '../limits.ts';
import { writeCreated } from '../notifications/note.ts';
import { checkNotOvertaken, checkWriteConditions } from '../objects/conditions.ts';
import { quoted, unquoted } from '../objects/object.ts';
import { refuseUnbuilt } from '../objects/unbuilt-parameters.ts';
import type { Input, Operation } from '../sdk.ts';
import { meterGone } from '../storage-classes/metering.ts';
import { objects, parts, uploads, type Checksum, type ObjectRecord, type Part, type Parts, type Upload } from '../tables.ts';
import type { Written } from '../versions/history.ts';
import { newVersionMember } from '../versions/version.ts';
import { isUploadId } from './upload.ts';

type CompleteInput = Input<'CompleteMultipartUpload'>;
type Listed = NonNullable<NonNullable<CompleteInput['MultipartUpload']>['Parts']>[number];

export const CompleteMultipartUpload: Operation<'CompleteMultipartUpload'> = async (request, input) => {
  refuseUnbuilt(request, input);
  const listed = input.MultipartUpload?.Parts ?? [];
  if (!isUploadId(input.UploadId)) throw noSuchUpload(input.UploadId);
  if (listed.length > partNumberMax) throw malformedXml();
  if (listed.length === 0) throw invalidRequest('You must specify at least one part');
  const customer = customerKeyOf(input);
  // An upload whose checksum is one of parts needs those of the parts in this list.
  await loadXxHashes(
    algorithmNames
      .filter((name) => listed.some((part) => part[algorithms[name].member] !== undefined))
      .map((name) => algorithms[name].hash),
  );
  const { written: object, gone } = await request.store.write((tx) => complete(tx, request, input, { listed, customer }));
  const owner = (await lookUp(request, input.Bucket)).bucket;
  await meterGone(request, owner, gone);
  const { scheme, host } = request.endpoint;
  return {
    Location: `${scheme}://${host}/${input.Bucket}/${encodeURIComponent(input.Key)}`,
    Bucket: input.Bucket,
    Key: input.Key,
    ETag: quoted(object.etag),
    ...encryptionMembers(object.encryption),
    ...checksumMembers(object.checksum),
    ...newVersionMember(object),
    ...(await expirationMember(request.store, owner, object)),
  };
};

type Wish = { listed: readonly Listed[]; customer: CustomerKey | undefined };

async function complete(tx: WriteTransaction, request: ServiceRequest, input: CompleteInput, { listed, customer }: Wish): Promise<Written> {
  const { Bucket: bucket, Key: key, UploadId: id } = input;
  const owner = await requireBucket(tx, bucket);
  const old = await objects.get(tx, bucket, key);
  const upload = await uploads.get(tx, bucket, key, id);
  if (!upload) {
    // A client that never heard the first answer asks again, and is told the same.
    if (old?.parts?.id === id) return { written: old };
    throw noSuchUpload(id);
  }
  checkUploadKey(upload, customer);
  const rows = new Map((await parts.scan(tx, [id])).map(({ row }) => [row.number, row]));
  const chosen = choose(upload, listed, rows);
  const object = assemble(upload, chosen, input);
  checkWriteConditions(key, old, input);
  checkNotOvertaken(key, old, upload.initiated, input);
  for (const part of chosen) rows.delete(part.number);
  for (const unused of rows.values()) {
    await request.blobs.remove(tx, unused.blob);
    await parts.delete(tx, id, unused.number);
  }
  await uploads.delete(tx, bucket, key, id);
  return writeCreated(tx, request, owner, old, object, 'CompleteMultipartUpload');
}

/** The parts of the list, each checked against what was uploaded. */
function choose(upload: Upload, listed: readonly Listed[], rows: ReadonlyMap<number, Part>): Part[] {
  const { algorithm, composite, asked } = upload.checksum;
  const { member } = algorithms[algorithm];
  const chosen: Part[] = [];
  for (const item of listed) {
    const number = item.PartNumber ?? 0;
    if (chosen.length > 0 && number <= chosen.at(-1)!.number) throw invalidPartOrder(upload.id);
    const part = rows.get(number);
    if (!part || unquoted(item.ETag ?? '') !== part.etag) throw invalidPart(upload.id, number, unquoted(item.ETag ?? ''));
    if (asked && composite && item[member] === undefined)
      throw invalidRequest(
        `The upload was created using a ${algorithm.toLowerCase()} checksum. The complete request must include the checksum for each part. It was missing for part ${number} in the request.`,
      );
    if (
      asked &&
      algorithmNames.some((name) => item[algorithms[name].member] !== undefined && (name !== algorithm || item[member] !== part.checksum))
    )
      throw invalidPart(upload.id, number, unquoted(item.ETag ?? ''));
    chosen.push(part);
  }
  for (const part of chosen.slice(0, -1))
    if (part.size < partBytesMin) throw entityTooSmall(part.size, partBytesMin, part.number, part.etag);
  return chosen;
}

function assemble(upload: Upload, chosen: readonly Part[], input: CompleteInput): ObjectRecord {
  const size = chosen.reduce((sum, part) => sum + part.size, 0);
  if (size > objectBytesMax) throw entityTooLarge(size, objectBytesMax);
  if (input.MpuObjectSize !== undefined && Number(input.MpuObjectSize) !== size)
    throw invalidRequest(
      `The provided 'x-amz-mp-object-size' header value ${input.MpuObjectSize} does not match what was computed: ${size}`,
    );
  const checksum = multipartChecksum(upload.checksum.algorithm, upload.checksum.composite, chosen);
  checkClaim(upload, checksum, input);
  const { bucket, key, id, headers, metadata, tags, encryption, owner, acl, retention, legalHold, storageClass } = upload;
  return {
    bucket,
    key,
    // S3 dates an object by the beginning of its upload: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
    modified: upload.initiated,
    size,
    etag: multipartEtag(chosen.map((part) => part.etag)),
    checksum,
    parts: partsOf(id, chosen),
    ...(headers && { headers }),
    ...(metadata && { metadata }),
    ...(tags && { tags }),
    ...(encryption && { encryption }),
    ...(owner && { owner }),
    ...(acl && { acl }),
    ...(storageClass && { storageClass }),
    ...(retention && { retention }),
    ...(legalHold !== undefined && { legalHold }),
  };
}

function partsOf(id: string, chosen: readonly Part[]): Parts {
  const size = chosen[0]!.size;
  const even = chosen.every((part, i) => part.number === i + 1 && (part.size === size || (i === chosen.length - 1 && part.size < size)));
  return { id, count: chosen.length, ...(even && size > 0 && { size }) };
}

/** What the client says that the whole's checksum is. */
function checkClaim(upload: Upload, checksum: Checksum, input: CompleteInput): void {
  if (input.ChecksumType !== undefined && input.ChecksumType !== checksumType(checksum) && upload.checksum.asked)
    throw invalidRequest(
      `The upload was created using the ${checksumType(checksum)} checksum mode. The complete request must use the same checksum mode.`,
    );
  for (const name of algorithmNames) {
    const claimed = input[algorithms[name].member];
    if (claimed === undefined) continue;
    if (name !== checksum.algorithm)
      throw invalidRequest(
        `Checksum Type mismatch occurred, expected checksum Type: ${checksum.algorithm.toLowerCase()}, actual checksum Type: ${name.toLowerCase()}`,
      );
    const value = checksum.composite && !claimed.includes('-') ? checksum.value.slice(0, checksum.value.lastIndexOf('-')) : checksum.value;
    if (claimed !== value) throw badFullObjectChecksum(name);
  }
}
