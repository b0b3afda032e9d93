/** GetObjectAttributes: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html */

import { lookUp } from '../buckets/lookup.ts';
import { algorithms, checksumMembers } from '../checksums/algorithms.ts';
import { customerKeyOf } from '../encryption/customer-key.ts';
import { checkCustomerKey } from '../encryption/wanted.ts';
import { invalidArgument, noSuchKey } from '../errors.ts';
import { listedKeysMax, partNumberMax } from '../limits.ts';
import { scanNumbers } from '../listings/bounds.ts';
import { refuseMissingKey } from '../permissions.ts';
import type { Input, Operation, Output } from '../sdk.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { classOf } from '../storage-classes/storage-class.ts';
import { parts, type Checksum, type ObjectRecord } from '../tables.ts';
import { findObject } from '../versions/history.ts';
import { checkVersionId, versionMember } from '../versions/version.ts';
import { checkKey } from './object.ts';
import { refuseUnbuilt } from './unbuilt-parameters.ts';

const known = new Set(['ETag', 'Checksum', 'ObjectParts', 'StorageClass', 'ObjectSize']);

export const GetObjectAttributes: Operation<'GetObjectAttributes'> = async (request, input) => {
  checkKey(input.Key);
  checkVersionId(input.VersionId);
  refuseUnbuilt(request, input);
  const asked = new Set<string>(input.ObjectAttributes.flatMap((names) => names.split(',')).map((name) => name.trim()));
  for (const name of asked)
    if (!known.has(name)) throw invalidArgument('Invalid attribute name specified.', 'x-amz-object-attributes', name);
  const found = await lookUp(request, input.Bucket, input.Key, input.VersionId);
  if (!found.object) return refuseMissingKey(request, found, input.Key);
  const { object, objectParts } = await request.store.read(async (tx) => {
    const object = await findObject(tx, input.Bucket, input.Key, input.VersionId);
    if (!object) throw noSuchKey(input.Key);
    return { object, objectParts: asked.has('ObjectParts') ? await partsOf(tx, object, input) : undefined };
  });
  checkCustomerKey(object.encryption, customerKeyOf(input));
  return {
    LastModified: new Date(object.modified),
    ...versionMember(found.bucket, object),
    // The one place where S3 writes an ETag without quotes.
    ...(asked.has('ETag') && { ETag: object.etag }),
    ...(asked.has('Checksum') && { Checksum: checksumMembers(withoutCount(object.checksum)) }),
    ...(objectParts && { ObjectParts: objectParts }),
    ...(asked.has('StorageClass') && { StorageClass: classOf(object) }),
    ...(asked.has('ObjectSize') && { ObjectSize: object.size }),
  };
};

/** The number of parts, which ends a composite checksum elsewhere, is left out here. */
function withoutCount(checksum: Checksum): Checksum {
  return checksum.composite ? { ...checksum, value: checksum.value.slice(0, checksum.value.lastIndexOf('-')) } : checksum;
}

type ObjectParts = NonNullable<Output<'GetObjectAttributes'>['ObjectParts']>;

async function partsOf(tx: ReadTransaction, object: ObjectRecord, input: Input<'GetObjectAttributes'>): Promise<ObjectParts | undefined> {
  if (!object.parts) return undefined;
  // Only parts with checksums of their own are told of.
  if (!object.checksum.composite) return { TotalPartsCount: object.parts.count };
  const max = Math.min(input.MaxParts ?? listedKeysMax, listedKeysMax);
  const marker = Number(input.PartNumberMarker ?? 0);
  if (!Number.isInteger(marker) || marker < 0)
    throw invalidArgument('Invalid part number marker.', 'x-amz-part-number-marker', input.PartNumberMarker);
  const rows = await scanNumbers(parts, tx, [object.parts.id], marker + 1, partNumberMax + 1, max + 1);
  const page = rows.slice(0, max);
  const member = algorithms[object.checksum.algorithm].member;
  return {
    TotalPartsCount: object.parts.count,
    PartNumberMarker: String(marker),
    MaxParts: max,
    IsTruncated: rows.length > page.length,
    NextPartNumberMarker: String(page.at(-1)?.number ?? 0),
    Parts: page.map((part) => ({ PartNumber: part.number, Size: part.size, [member]: part.checksum })),
  };
}
