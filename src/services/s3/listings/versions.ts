/** ListObjectVersions: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html */

import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { objectOwner } from '../acl/acl.ts';
import { ownerOf } from '../buckets/bucket.ts';
import { lookUp } from '../buckets/lookup.ts';
import { checksumType } from '../checksums/algorithms.ts';
import { invalidArgument } from '../errors.ts';
import { quoted } from '../objects/object.ts';
import type { Input, Operation } from '../sdk.ts';
import { classOf } from '../storage-classes/storage-class.ts';
import { objects, versions, type ObjectRecord, type VersionRecord } from '../tables.ts';
import { topOfHistory } from '../versions/history.ts';
import { isDeleteMarker, isVersionId, nullVersion, placeOf, versionIdOf } from '../versions/version.ts';
import { scanBucket } from './bounds.ts';
import { compareUtf8, listPage, type Bound, type Listing, type ListQuery, type Scan } from './list.ts';
import { encoder, pageSize } from './parameters.ts';

/** A version in the listing's order: by key, then newest first. `id` is its place. */
type Row = { key: string; id: string; record: VersionRecord };
type ListInput = Input<'ListObjectVersions'>;
type Encode = (text: string) => string;

export const ListObjectVersions: Operation<'ListObjectVersions'> = async (request, input) => {
  const { bucket } = await lookUp(request, input.Bucket);
  const max = pageSize(input.MaxKeys, 'max-keys');
  const encode = encoder(input.EncodingType);
  const marker = input.VersionIdMarker || undefined;
  if (marker && !input.KeyMarker)
    throw invalidArgument('A version-id marker cannot be specified without a key marker.', 'version-id-marker', marker);
  if (marker && !isVersionId(marker)) throw invalidArgument('Invalid version id specified', 'version-id-marker', marker);
  const { page, isLatest } = await list(request, input, max, marker);
  const { last } = page;
  const owner = ownerOf(bucket.account);
  const rows = page.rows.map((row, i) => ({ row, latest: isLatest(row, page.rows[i - 1]) }));
  const Versions = rows.flatMap(({ row: { record }, latest }) =>
    isDeleteMarker(record) ? [] : [listed(record, latest, encode, ownerOf(objectOwner(bucket, record)))],
  );
  const DeleteMarkers = rows.flatMap(({ row: { record }, latest }) =>
    isDeleteMarker(record) ? [named(record, latest, encode, owner)] : [],
  );
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
        ...('row' in last && { NextVersionIdMarker: versionIdOf(last.row.record) }),
      }),
    ...(Versions.length > 0 && { Versions }),
    ...(DeleteMarkers.length > 0 && { DeleteMarkers }),
    ...(page.commonPrefixes.length > 0 && { CommonPrefixes: page.commonPrefixes.map((prefix) => ({ Prefix: encode(prefix) })) }),
  };
};

type Page = { page: Listing<Row>; isLatest: (row: Row, before: Row | undefined) => boolean };

/** The page, and which of its rows are the latest of their keys: the first of a key, where the page does not begin in its middle. */
function list(request: ServiceRequest, input: ListInput, max: number, marker: string | undefined): Promise<Page> {
  const { Bucket: bucket, KeyMarker: key } = input;
  return request.store.read(async (tx) => {
    const query: ListQuery = { prefix: input.Prefix ?? '', delimiter: input.Delimiter ?? '', max };
    if (key) query.after = marker ? await boundOf(tx, bucket, key, marker) : [key];
    const page = await listPage(scanVersions(tx, bucket), query);
    const first = page.rows[0];
    const newest = first && first.key === key ? await newestPlace(tx, bucket, first.key) : undefined;
    return { page, isLatest: (row, before) => before?.key !== row.key && (row !== first || newest === undefined || newest === row.id) };
  });
}

/** Behind which row of the store a page begins. A version that is gone still has its place, but for the null version. */
async function boundOf(tx: ReadTransaction, bucket: string, key: string, marker: string): Promise<Bound> {
  if (marker !== nullVersion) return [key, marker];
  const current = await objects.get(tx, bucket, key);
  const record = current && current.version === undefined ? current : await versions.find(tx, 'null', bucket, key);
  return record ? [key, placeOf(record)] : [key];
}

async function newestPlace(tx: ReadTransaction, bucket: string, key: string): Promise<string | undefined> {
  const record = (await objects.get(tx, bucket, key)) ?? (await topOfHistory(tx, bucket, key));
  return record && placeOf(record);
}

/** Reads the current objects and the versions below them side by side. */
function scanVersions(tx: ReadTransaction, bucket: string): Scan<Row> {
  const scanObjects = scanBucket(objects, tx, bucket);
  const scanHistory = scanBucket(versions, tx, bucket);
  return async (from, to, limit) => {
    const [key, id] = from;
    // One more, for the current version of the key in whose middle the page may begin.
    const current = (await scanObjects([key], to, limit + 1)).map(rowOf);
    if (id !== undefined && current[0]?.key === key && current[0].id < id) current.shift();
    const rows: Row[] = [];
    let at = 0;
    for (const row of (await scanHistory(from, to, limit)).map(rowOf)) {
      while (at < current.length && compareUtf8(current[at]!.key, row.key) <= 0) rows.push(current[at++]!);
      rows.push(row);
    }
    return [...rows, ...current.slice(at)].slice(0, limit);
  };
}

function rowOf(record: VersionRecord): Row {
  return { key: record.key, id: placeOf(record), record };
}

function named(record: Pick<ObjectRecord, 'key' | 'version' | 'modified'>, isLatest: boolean, encode: Encode, owner: { ID: string }) {
  return {
    Key: encode(record.key),
    VersionId: versionIdOf(record),
    IsLatest: isLatest,
    LastModified: new Date(record.modified),
    Owner: owner,
  };
}

function listed(object: ObjectRecord, isLatest: boolean, encode: Encode, owner: { ID: string }) {
  return {
    ...named(object, isLatest, encode, owner),
    ETag: quoted(object.etag),
    ChecksumAlgorithm: [object.checksum.algorithm],
    ChecksumType: checksumType(object.checksum),
    Size: object.size,
    StorageClass: classOf(object) as 'STANDARD',
  };
}
