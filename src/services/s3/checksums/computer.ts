/** Computes checksums of objects as they lie here, archived ones too, for batch jobs: https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-compute-checksums.html */

import type { BlobKey } from '../../../framework/blob-encryption/frames.ts';
import { AwsError } from '../../../framework/aws-error.ts';
import { cloudKey } from '../../../framework/blob-encryption/data-keys.ts';
import { checksumRequests, type ChecksumRequest } from '../../../framework/checksum-requests.ts';
import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import { serviceName } from '../buckets/bucket.ts';
import { read, type Found } from '../buckets/lookup.ts';
import { openKmsKey } from '../encryption/kms-keys.ts';
import { open, slicesOf } from '../objects/contents.ts';
import { checkOn, objectContext } from '../permissions.ts';
import { parts, type ChecksumAlgorithm, type ObjectRecord } from '../tables.ts';
import { algorithms } from './algorithms.ts';
import { multipartChecksum, type PartSum } from './multipart.ts';

type Outcome = NonNullable<ChecksumRequest['outcome']>;

const pageSize = 32;

export const checksumComputer: Reconciler = {
  name: 's3/checksums',
  watches: [checksumRequests],
  run: async (context) => {
    for (;;) {
      const waiting = await context.store.read((tx) => checksumRequests.scanIndex(tx, 'waiting', [], { limit: pageSize }));
      if (waiting.length === 0) return {};
      for (const { row } of waiting) {
        context.signal.throwIfAborted();
        await keep(context, row, await answer(context, row));
        await context.giveWay();
      }
    }
  },
};

/** The job may be over by now: then nobody waits for it. */
async function keep({ store }: ReconcilerContext, { job, number }: ChecksumRequest, outcome: Outcome): Promise<void> {
  await store.write(async (tx) => {
    const row = await checksumRequests.get(tx, job, number);
    if (row) await checksumRequests.put(tx, { ...row, outcome });
  });
}

const failed = (httpStatus: number, reason: string): Outcome => ({ status: 'FAILED', httpStatus, reason });

async function answer(context: ReconcilerContext, request: ChecksumRequest): Promise<Outcome> {
  const { bucket, key, version, principal } = request;
  try {
    const found = await read(context, bucket, key, { version });
    const action = version === undefined ? 's3:GetObject' : 's3:GetObjectVersion';
    const check = checkOn({ principal }, found, action, key, () => objectContext(found, version));
    if (!(await context.permits(check, principal, found.bucket.region))) return failed(403, 'Access denied');
    const { object } = found;
    if (!object) return failed(404, 'Key not found');
    if (object.encryption?.mode === 'customer') return failed(400, 'SSE-C encryption type is not supported for this operation');
    return { status: 'COMPLETED', etag: object.etag, value: await compute(context, request, object, await keyOf(context, found, request)) };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return failed(error.status ?? 400, error.code === 'NoSuchBucket' ? 'Bucket not found' : error.message);
  }
}

async function keyOf(context: ReconcilerContext, { bucket, object }: Found, { principal }: ChecksumRequest): Promise<BlobKey> {
  const { encryption } = object!;
  if (encryption?.mode !== 'kms') return cloudKey(context, 's3');
  const aws = context.awsAs(principal, { account: principal.account, region: bucket.region, via: [serviceName] });
  return openKmsKey({ principal, aws, store: context.store, random: context.random, now: context.now }, object!, encryption);
}

/** In base64. Throws BlobMissing where the object was replaced meanwhile: the pass is tried again. */
async function compute(
  { store, blobs, signal }: ReconcilerContext,
  { algorithm: name, composite }: ChecksumRequest,
  seen: ObjectRecord,
  key: BlobKey,
): Promise<string> {
  const algorithm = name as ChecksumAlgorithm;
  const { hash } = algorithms[algorithm];
  const digest = async (object: ObjectRecord, start: number, end: number): Promise<string> => {
    signal.throwIfAborted();
    const slices = await store.read((tx) => slicesOf(tx, object, { start, end }));
    return (await blobs.digest(await open(blobs, slices, key), [hash]))[hash]!.toString('base64');
  };
  if (!composite) return digest(seen, 0, seen.size);
  const sizes = await store.read(async (tx) =>
    seen.parts ? (await parts.scan(tx, [seen.parts.id])).map(({ row }) => row.size) : [seen.size],
  );
  const sums: PartSum[] = [];
  for (let start = 0, i = 0; i < sizes.length; start += sizes[i++]!)
    sums.push({ checksum: await digest(seen, start, start + sizes[i]!), size: sizes[i]! });
  return multipartChecksum(algorithm, true, sums).value;
}
