/** ListObjects and ListObjectsV2: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */

import type { ServiceRequest } from '../../../framework/request.ts';
import { objectOwner } from '../acl/acl.ts';
import { ownerOf } from '../buckets/bucket.ts';
import { lookUp } from '../buckets/lookup.ts';
import { checksumType } from '../checksums/algorithms.ts';
import { quoted } from '../objects/object.ts';
import type { Operation } from '../sdk.ts';
import { classOf, restoreStatus } from '../storage-classes/storage-class.ts';
import { objects, type Bucket, type ObjectRecord } from '../tables.ts';
import { rollUpBucket, scanBucket } from './bounds.ts';
import { listPage, type Listing, type ListQuery } from './list.ts';
import { encoder, nameOfToken, pageSize, tokenAfter } from './parameters.ts';

export const ListObjectsV2: Operation<'ListObjectsV2'> = async (request, input) => {
  const { bucket } = await lookUp(request, input.Bucket);
  const max = pageSize(input.MaxKeys, 'max-keys');
  const encode = encoder(input.EncodingType);
  // An empty token is none, but it is echoed.
  const after = input.ContinuationToken !== undefined ? nameOfToken(input.ContinuationToken) : input.StartAfter;
  const page = await list(request, input, max, after);
  return {
    Name: input.Bucket,
    Prefix: encode(input.Prefix ?? ''),
    MaxKeys: max,
    KeyCount: page.rows.length + page.commonPrefixes.length,
    IsTruncated: page.isTruncated,
    ...(input.Delimiter && { Delimiter: encode(input.Delimiter) }),
    ...(input.EncodingType && { EncodingType: input.EncodingType }),
    ...(input.StartAfter && input.ContinuationToken === undefined && { StartAfter: encode(input.StartAfter) }),
    ...(input.ContinuationToken !== undefined && { ContinuationToken: input.ContinuationToken }),
    ...(page.isTruncated && { NextContinuationToken: tokenAfter(lastName(page)) }),
    ...names(page, encode, restoreMoment(request, input), input.FetchOwner ? bucket : undefined),
  };
};

export const ListObjects: Operation<'ListObjects'> = async (request, input) => {
  const { bucket } = await lookUp(request, input.Bucket);
  const max = pageSize(input.MaxKeys, 'max-keys');
  const encode = encoder(input.EncodingType);
  const page = await list(request, input, max, input.Marker);
  return {
    Name: input.Bucket,
    Prefix: encode(input.Prefix ?? ''),
    Marker: encode(input.Marker ?? ''),
    MaxKeys: max,
    IsTruncated: page.isTruncated,
    ...(input.Delimiter && { Delimiter: encode(input.Delimiter) }),
    ...(input.EncodingType && { EncodingType: input.EncodingType }),
    // Without a delimiter the last key is the marker, and the first version of the API leaves it to the client to see that.
    ...(page.isTruncated && input.Delimiter && { NextMarker: encode(lastName(page)) }),
    ...names(page, encode, restoreMoment(request, input), bucket),
  };
};

type ListInput = { Bucket: string; Prefix?: string | undefined; Delimiter?: string | undefined };

function list(request: ServiceRequest, input: ListInput, max: number, after: string | undefined): Promise<Listing<ObjectRecord>> {
  const query: ListQuery = { prefix: input.Prefix ?? '', delimiter: input.Delimiter ?? '', max, ...(after && { after: [after] as const }) };
  return request.store.read((tx) => listPage(scanBucket(objects, tx, input.Bucket), query, rollUpBucket(objects, tx, input.Bucket)));
}

/** `owners` is the bucket where the owners of its objects are to be told. */
function names(page: Listing<ObjectRecord>, encode: (text: string) => string, restoresAt: number | undefined, owners: Bucket | undefined) {
  return {
    ...(page.rows.length > 0 && { Contents: page.rows.map((object) => listed(object, encode, restoresAt, owners)) }),
    ...(page.commonPrefixes.length > 0 && { CommonPrefixes: page.commonPrefixes.map((prefix) => ({ Prefix: encode(prefix) })) }),
  };
}

function listed(object: ObjectRecord, encode: (text: string) => string, restoresAt: number | undefined, owners: Bucket | undefined) {
  return {
    Key: encode(object.key),
    LastModified: new Date(object.modified),
    ETag: quoted(object.etag),
    ChecksumAlgorithm: [object.checksum.algorithm],
    ChecksumType: checksumType(object.checksum),
    Size: object.size,
    StorageClass: classOf(object),
    ...(restoresAt !== undefined && restoreStatus(object, restoresAt)),
    ...(owners && { Owner: ownerOf(objectOwner(owners, object)) }),
  };
}

/** At which moment restorations are told, where the caller asks for them. */
function restoreMoment(
  request: ServiceRequest,
  { OptionalObjectAttributes: asked }: { OptionalObjectAttributes?: readonly string[] | undefined },
) {
  return asked?.includes('RestoreStatus') ? request.now : undefined;
}

function lastName(page: Listing<ObjectRecord>): string {
  return 'row' in page.last! ? page.last.row.key : page.last!.commonPrefix;
}
