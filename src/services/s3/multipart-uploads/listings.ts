/** ListParts and ListMultipartUploads: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html */

import { objectOwner } from '../acl/acl.ts';
import { ownerOf } from '../buckets/bucket.ts';
import { lookUp } from '../buckets/lookup.ts';
import { algorithms, checksumType } from '../checksums/algorithms.ts';
import { invalidArgument } from '../errors.ts';
import { partNumberMax } from '../limits.ts';
import { abortMembers } from '../lifecycle/rules.ts';
import { scanBucket, scanNumbers } from '../listings/bounds.ts';
import { listPage, type Listing, type ListQuery } from '../listings/list.ts';
import { encoder, pageSize } from '../listings/parameters.ts';
import { quoted } from '../objects/object.ts';
import { refuseUnbuilt } from '../objects/unbuilt-parameters.ts';
import type { Operation } from '../sdk.ts';
import { classOf } from '../storage-classes/storage-class.ts';
import { parts, uploads, type Bucket, type Upload } from '../tables.ts';
import { isUploadId, requireUpload } from './upload.ts';

export const ListParts: Operation<'ListParts'> = async (request, input) => {
  refuseUnbuilt(request, input);
  const max = pageSize(input.MaxParts, 'max-parts');
  const marker = Number(input.PartNumberMarker ?? 0);
  if (!Number.isInteger(marker) || marker < 0)
    throw invalidArgument(
      'Provided part-number-marker not an integer or within integer range',
      'part-number-marker',
      input.PartNumberMarker,
    );
  const { upload, rows } = await request.store.read(async (tx) => ({
    upload: await requireUpload(tx, input.Bucket, input.Key, input.UploadId),
    rows: await scanNumbers(parts, tx, [input.UploadId], marker + 1, partNumberMax + 1, max + 1),
  }));
  const { bucket } = await lookUp(request, input.Bucket);
  const page = rows.slice(0, max);
  const { member } = algorithms[upload.checksum.algorithm];
  return {
    Bucket: input.Bucket,
    Key: input.Key,
    UploadId: upload.id,
    ...(await abortMembers(request.store, bucket, input.Key, upload.initiated)),
    Initiator: { ID: upload.initiator.id, DisplayName: upload.initiator.name },
    Owner: ownerOf(objectOwner(bucket, upload)),
    StorageClass: classOf(upload),
    PartNumberMarker: String(marker),
    NextPartNumberMarker: String(page.at(-1)?.number ?? 0),
    MaxParts: max,
    IsTruncated: rows.length > page.length,
    ...(upload.checksum.asked && { ChecksumAlgorithm: upload.checksum.algorithm, ChecksumType: checksumType(upload.checksum) }),
    ...(page.length > 0 && {
      Parts: page.map((part) => ({
        PartNumber: part.number,
        LastModified: new Date(part.modified),
        ETag: quoted(part.etag),
        Size: part.size,
        ...(upload.checksum.asked && { [member]: part.checksum }),
      })),
    }),
  };
};

export const ListMultipartUploads: Operation<'ListMultipartUploads'> = async (request, input) => {
  const max = pageSize(input.MaxUploads, 'max-uploads');
  const encode = encoder(input.EncodingType);
  const { bucket } = await lookUp(request, input.Bucket);
  const query: ListQuery = { prefix: input.Prefix ?? '', delimiter: input.Delimiter ?? '', max };
  // An upload id without a key means nothing.
  const marker = input.KeyMarker && input.UploadIdMarker;
  if (marker && !isUploadId(marker)) throw invalidArgument('Invalid uploadId marker', 'upload-id-marker', marker);
  if (input.KeyMarker) query.after = marker ? [input.KeyMarker, marker] : [input.KeyMarker];
  const page = await request.store.read((tx) => listPage(scanBucket(uploads, tx, input.Bucket), query));
  return {
    Bucket: input.Bucket,
    KeyMarker: encode(input.KeyMarker ?? ''),
    UploadIdMarker: input.UploadIdMarker ?? '',
    ...(input.Prefix !== undefined && { Prefix: encode(input.Prefix) }),
    MaxUploads: max,
    IsTruncated: page.isTruncated,
    ...(input.Delimiter && { Delimiter: encode(input.Delimiter) }),
    ...(input.EncodingType && { EncodingType: input.EncodingType }),
    ...nextMarkers(page, encode),
    ...(page.rows.length > 0 && { Uploads: page.rows.map((upload) => listed(upload, encode, bucket)) }),
    ...(page.commonPrefixes.length > 0 && { CommonPrefixes: page.commonPrefixes.map((prefix) => ({ Prefix: encode(prefix) })) }),
  };
};

/** The last upload's, on the last page too. Where a page ends in a common prefix AWS names none, which leaves nowhere to go on: we do. */
function nextMarkers(page: Listing<Upload>, encode: (text: string) => string) {
  const { last } = page;
  if (page.isTruncated && last && !('row' in last)) return { NextKeyMarker: encode(last.commonPrefix), NextUploadIdMarker: '' };
  const upload = page.rows.at(-1);
  return { NextKeyMarker: encode(upload?.key ?? ''), NextUploadIdMarker: upload?.id ?? '' };
}

function listed(upload: Upload, encode: (text: string) => string, bucket: Bucket) {
  return {
    Key: encode(upload.key),
    UploadId: upload.id,
    Initiated: new Date(upload.initiated),
    StorageClass: classOf(upload),
    Owner: ownerOf(objectOwner(bucket, upload)),
    Initiator: { ID: upload.initiator.id, DisplayName: upload.initiator.name },
    ...(upload.checksum.asked && { ChecksumAlgorithm: upload.checksum.algorithm, ChecksumType: checksumType(upload.checksum) }),
  };
}
