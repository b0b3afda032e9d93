/** ListObjectVersions while no bucket has versioning: every object is its one version, the null one. */

import { ownerOf } from '../buckets/bucket.ts';
import { lookUp } from '../buckets/lookup.ts';
import { checksumType } from '../checksums/algorithms.ts';
import { invalidArgument } from '../errors.ts';
import { quoted } from '../objects/object.ts';
import type { Operation } from '../sdk.ts';
import { objects } from '../tables.ts';
import { scanBucket } from './bounds.ts';
import { listPage, type ListQuery } from './list.ts';
import { encoder, pageSize } from './parameters.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html */
export const ListObjectVersions: Operation<'ListObjectVersions'> = async (request, input) => {
  const { bucket } = await lookUp(request, input.Bucket);
  const max = pageSize(input.MaxKeys, 'max-keys');
  const encode = encoder(input.EncodingType);
  if (input.VersionIdMarker && !input.KeyMarker)
    throw invalidArgument('A version-id marker cannot be specified without a key marker.', 'version-id-marker', input.VersionIdMarker);
  const query: ListQuery = {
    prefix: input.Prefix ?? '',
    delimiter: input.Delimiter ?? '',
    max,
    ...(input.KeyMarker && { after: [input.KeyMarker] as const }),
  };
  const page = await request.store.read((tx) => listPage(scanBucket(objects, tx, input.Bucket), query));
  const { last } = page;
  return {
    Name: input.Bucket,
    Prefix: encode(input.Prefix ?? ''),
    KeyMarker: encode(input.KeyMarker ?? ''),
    VersionIdMarker: input.VersionIdMarker ?? '',
    MaxKeys: max,
    IsTruncated: page.isTruncated,
    ...(input.Delimiter && { Delimiter: encode(input.Delimiter) }),
    ...(input.EncodingType && { EncodingType: input.EncodingType }),
    ...(page.isTruncated &&
      last && {
        NextKeyMarker: encode('row' in last ? last.row.key : last.commonPrefix),
        ...('row' in last && { NextVersionIdMarker: 'null' }),
      }),
    ...(page.rows.length > 0 && {
      Versions: page.rows.map((object) => ({
        Key: encode(object.key),
        VersionId: 'null',
        IsLatest: true,
        LastModified: new Date(object.modified),
        ETag: quoted(object.etag),
        ChecksumAlgorithm: [object.checksum.algorithm],
        ChecksumType: checksumType(object.checksum),
        Size: object.size,
        StorageClass: 'STANDARD' as const,
        Owner: ownerOf(bucket.account),
      })),
    }),
    ...(page.commonPrefixes.length > 0 && { CommonPrefixes: page.commonPrefixes.map((prefix) => ({ Prefix: encode(prefix) })) }),
  };
};
