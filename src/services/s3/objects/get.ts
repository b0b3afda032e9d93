/** GetObject and HeadObject: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html */

import type { Readable } from 'node:stream';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { bucketArn } from '../buckets/bucket.ts';
import { foundFor, lookUp, type Found } from '../buckets/lookup.ts';
import { payerOf } from '../buckets/payer.ts';
import { algorithms, checksumMembers } from '../checksums/algorithms.ts';
import { customerKeyOf } from '../encryption/customer-key.ts';
import { checkCustomerKey, encryptionMembers, refuseMethod, wrappingKey } from '../encryption/wanted.ts';
import { invalidArgument, invalidPartNumberRange, invalidRequest } from '../errors.ts';
import { noteAccess } from '../intelligent-tiering/readers.ts';
import { expirationMember } from '../lifecycle/rules.ts';
import { partNumberMax } from '../limits.ts';
import { lockMembers } from '../object-lock/permissions.ts';
import { refuseMissingKey } from '../permissions.ts';
import type { Input, Operation } from '../sdk.ts';
import type { Bucket, ObjectRecord, Part } from '../tables.ts';
import { retrieval } from '../storage-classes/metering.ts';
import { checkReadable, storageMembers } from '../storage-classes/storage-class.ts';
import { checkZone } from '../storage-classes/zone.ts';
import { findObject } from '../versions/history.ts';
import { checkVersionId, versionMember } from '../versions/version.ts';
import { open, partRange, slicesOf, type Slice } from './contents.ts';
import { checkReadConditions } from './conditions.ts';
import { describedMembers } from './description.ts';
import { checkKey, quoted } from './object.ts';
import { byteRange, type ByteRange } from './ranges.ts';
import { refuseUnbuilt } from './unbuilt-parameters.ts';

type ReadInput = Omit<Input<'GetObject'>, never>;
type Selected = { object: ObjectRecord; slices: Slice[]; /** Absent for the whole object. */ range?: ByteRange; part?: Part };

export const GetObject: Operation<'GetObject'> = async (request, input) => {
  const { found, selected } = await select(request, input);
  const { object, range, slices } = selected;
  checkReadable(object, request.now);
  if (object.zone) await checkZone(request, object);
  const size = range ? range.end - range.start : object.size;
  const wrapping = wrappingKey(request, object, customerKeyOf(input));
  const key = wrapping instanceof Promise ? await wrapping : wrapping;
  const opening = open(request.blobs, slices, key, object.encryption?.mode !== 'customer');
  const Body = opening instanceof Promise ? await opening : opening;
  const noting = noteAccess(request, found, object);
  if (noting) await noting;
  const retrieved = retrieval(object, size);
  if (retrieved) request.use({ ...retrieved, account: found.bucket.account });
  request.use({
    usageType: 'DataTransfer-Out-Bytes',
    quantity: size,
    unit: 'Bytes',
    resource: bucketArn(object.bucket),
    account: payerOf(request, found.bucket),
  });
  return answerOf(request, found, selected, input, Body);
};

export const HeadObject: Operation<'HeadObject'> = async (request, input) => {
  const { found, selected } = await select(request, input);
  checkCustomerKey(selected.object.encryption, customerKeyOf(input));
  return answerOf(request, found, selected, input);
};

type Answer = ReturnType<typeof membersOf> & { Body?: Uint8Array | Readable };

async function answerOf(
  request: ServiceRequest,
  found: Found,
  selected: Selected,
  input: ReadInput,
  Body?: Answer['Body'],
): Promise<Answer> {
  const answer: Answer = membersOf(request, found.bucket, selected, input);
  if (hasRarerMembers(found, selected.object)) Object.assign(answer, await rarerMembers(request, found, selected.object));
  if (Body !== undefined) answer.Body = Body;
  return answer;
}

function hasRarerMembers({ bucket, version }: Found, object: ObjectRecord): boolean {
  return (bucket.lifecycle !== undefined && version === undefined) || object.retention !== undefined || object.legalHold !== undefined;
}

/** What few objects have: a lock, an end that is known already. The bucket's rules speak of the current object, not of a version. */
async function rarerMembers(request: ServiceRequest, found: Found, object: ObjectRecord) {
  const expires = found.bucket.lifecycle !== undefined && found.version === undefined;
  return {
    ...(await lockMembers(request, found, object.key, object)),
    ...(expires && (await expirationMember(request.store, found.bucket, object))),
  };
}

/** Finds the object and the bytes that are asked for. */
async function select(request: ServiceRequest, input: ReadInput): Promise<{ found: Found; selected: Selected }> {
  checkKey(input.Key);
  checkVersionId(input.VersionId);
  refuseUnbuilt(request, input);
  refuseMethod(request);
  checkPartNumber(input);
  const found =
    foundFor(request, input.Bucket, input.Key, input.VersionId) ?? (await lookUp(request, input.Bucket, input.Key, input.VersionId));
  if (!found.object) return refuseMissingKey(request, found, input.Key);
  if (!found.object.parts) return { found, selected: selectFromOne(found.object, input, request.now) };
  // Parts lie in rows of their own, so the object is read again together with them: it may have been replaced.
  const selected = await request.store.read(async (tx) => {
    const object = await findObject(tx, input.Bucket, input.Key, input.VersionId);
    return object && selectFromParts(tx, object, input, request.now);
  });
  if (!selected) return refuseMissingKey(request, found, input.Key);
  return { found, selected };
}

function selectFromOne(object: ObjectRecord, input: ReadInput, now: number): Selected {
  checkReadConditions(object, input, now);
  if (input.PartNumber !== undefined && input.PartNumber !== 1) throw invalidPartNumberRange(input.PartNumber, 1);
  const range = input.PartNumber === undefined ? byteRange(input.Range, object.size) : partOfAll(object);
  return {
    object,
    slices: [{ blob: object.blob!, dataKey: object.dataKey, ...(range ?? { start: 0, end: object.size }) }],
    ...(range && { range }),
  };
}

/** The only part of an object that was put in one piece. */
function partOfAll(object: ObjectRecord): ByteRange | undefined {
  return object.size === 0 ? undefined : { start: 0, end: object.size };
}

async function selectFromParts(tx: ReadTransaction, object: ObjectRecord, input: ReadInput, now: number): Promise<Selected> {
  if (!object.parts) return selectFromOne(object, input, now);
  checkReadConditions(object, input, now);
  if (input.PartNumber === undefined) {
    const range = byteRange(input.Range, object.size);
    return { object, slices: await slicesOf(tx, object, range ?? { start: 0, end: object.size }), ...(range && { range }) };
  }
  const chosen = await partRange(tx, object, input.PartNumber);
  if (!chosen) throw invalidPartNumberRange(input.PartNumber, object.parts.count);
  return { object, slices: await slicesOf(tx, object, chosen.range), ...chosen };
}

function checkPartNumber({ PartNumber, Range }: ReadInput): void {
  if (PartNumber === undefined) return;
  if (Range !== undefined) throw invalidRequest('Cannot specify both Range header and partNumber query parameter');
  if (!Number.isInteger(PartNumber) || PartNumber < 1 || PartNumber > partNumberMax)
    throw invalidArgument(`Part number must be an integer between 1 and ${partNumberMax}, inclusive`, 'partNumber', PartNumber);
}

function membersOf(request: ServiceRequest, bucket: Bucket, { object, range, part }: Selected, input: ReadInput) {
  return {
    AcceptRanges: 'bytes',
    ETag: quoted(object.etag),
    ...versionMember(bucket, object),
    LastModified: new Date(object.modified),
    ContentLength: range ? range.end - range.start : object.size,
    ...encryptionMembers(object.encryption, input),
    ...describedMembers(object),
    ...storageMembers(object, request.now),
    ...(object.replication && { ReplicationStatus: object.replication }),
    ...(range && { ContentRange: `bytes ${range.start}-${range.end - 1}/${object.size}` }),
    ...(input.PartNumber !== undefined && object.parts && { PartsCount: object.parts.count }),
    ...(input.ChecksumMode?.toUpperCase() === 'ENABLED' && checksumOf(object, range, part)),
    ...overrides(request, input),
  };
}

/** A checksum speaks of the whole object or of a part, never of a range. */
function checksumOf(object: ObjectRecord, range: ByteRange | undefined, part: Part | undefined) {
  if (part)
    return {
      [algorithms[object.checksum.algorithm].member]: part.checksum,
      ChecksumType: object.checksum.composite ? ('COMPOSITE' as const) : ('FULL_OBJECT' as const),
    };
  return !range || (range.start === 0 && range.end === object.size) ? checksumMembers(object.checksum) : {};
}

/** `response-…` parameters replace headers of the answer, for callers who signed them. */
function overrides(request: ServiceRequest, input: ReadInput) {
  if (request.http?.rawQuery === '') return undefined;
  const given = {
    CacheControl: input.ResponseCacheControl,
    ContentDisposition: input.ResponseContentDisposition,
    ContentEncoding: input.ResponseContentEncoding,
    ContentLanguage: input.ResponseContentLanguage,
    ContentType: input.ResponseContentType,
    Expires: input.ResponseExpires,
  };
  const present = Object.entries(given).filter(([, value]) => value !== undefined);
  if (present.length === 0) return undefined;
  if (request.principal.type === 'Anonymous')
    throw invalidRequest('Request specific response headers cannot be used for anonymous GET requests.');
  return Object.fromEntries(present) as Partial<typeof given>;
}
