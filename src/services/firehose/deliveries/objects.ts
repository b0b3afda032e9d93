/** A batch as objects in S3: one, or one for each partition and one for the records that have none. */

import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { cloudKey } from '../../../framework/blob-encryption/data-keys.ts';
import type { Aws } from '../../../framework/clients.ts';
import type { ReconcilerContext } from '../../../framework/reconciler.ts';
import { openBytes } from '../../../framework/sealed-bytes.ts';
import { asRole } from '../delivery-streams/role.ts';
import { compileQuery } from '../destinations/metadata-query.ts';
import { convert } from '../conversion/convert.ts';
import { unpack } from '../records/packing.ts';
import { pieces, type Batch, type Destination, type Stream } from '../tables.ts';
import { errorKey, objectKey } from './object-key.ts';
import { partition, type Failure } from './partitions.ts';

const piecesPerPage = 200;

const compress = promisify(gzip);

/** A second attempt writes the same objects under the same names. */
export async function putObjects(context: ReconcilerContext, stream: Stream, batch: Batch): Promise<void> {
  const { destination } = stream;
  const records = await recordsOf(context, batch);
  const aws = await asRole(context, stream, destination.roleArn);
  const put = async (Key: string, plain: Buffer, packed: boolean): Promise<void> => {
    await putObject(aws, destination, Key, packed && destination.compression === 'GZIP' ? await compress(plain) : plain);
  };
  const { partitioning, conversion } = destination;
  if (conversion) {
    const { file, failures } = await convert(context, stream, conversion, records);
    if (file) await put(objectKey(stream, batch), file, false);
    if (failures.length > 0) await put(errorKey(stream, batch, 'format-conversion-failed'), failureLines(failures, batch), false);
    return;
  }
  if (!partitioning) return put(objectKey(stream, batch), joined(records, destination.delimiter), true);
  const { partitions, failures } = partition(records, compileQuery(partitioning.query)!, partitioning.subrecords);
  for (const { values, records: own } of partitions) {
    const suffix = suffixOf(batch, JSON.stringify(values));
    await put(objectKey(stream, { since: batch.since, suffix }, values), joined(own, destination.delimiter), true);
  }
  if (failures.length > 0) await put(errorKey(stream, batch, 'metadata-extraction-failed'), failureLines(failures, batch), false);
}

/** Each partition's objects have names of their own, the same at every attempt. */
function suffixOf({ suffix }: Batch, partitionName: string): string {
  const hex = createHash('sha256').update(`${suffix} ${partitionName}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}

/** https://docs.aws.amazon.com/firehose/latest/dev/dynamic-partitioning-error-handling.html */
function failureLines(failures: readonly Failure[], { since }: Batch): Buffer {
  const lines = failures.map(({ record, code, message }) =>
    JSON.stringify({
      attemptsMade: 1,
      arrivalTimestamp: since,
      errorCode: code,
      errorMessage: message,
      attemptEndingTimestamp: since,
      rawData: Buffer.from(record).toString('base64'),
    }),
  );
  return Buffer.from(`${lines.join('\n')}\n`);
}

async function putObject(aws: Aws, { bucketArn, keyArn }: Destination, Key: string, Body: Buffer): Promise<void> {
  await aws.s3('PutObject', {
    Bucket: bucketArn.slice(bucketArn.lastIndexOf(':') + 1),
    Key,
    Body,
    ContentType: 'application/octet-stream',
    ...(keyArn !== undefined && { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: keyArn }),
  });
}

async function recordsOf(context: ReconcilerContext, batch: Batch): Promise<Buffer[]> {
  const { store, blobs, signal } = context;
  const records: Buffer[] = [];
  for (let from = batch.first; from <= batch.last;) {
    signal.throwIfAborted();
    const rows = await store.read((tx) =>
      pieces.between(tx, [batch.stream, from], [batch.stream, batch.last + 1], { limit: piecesPerPage }),
    );
    for (const { row } of rows) {
      const bytes = await blobs.bytes(row.blob);
      records.push(...unpack(row.sealed ? openBytes(await cloudKey(context, 'firehose'), bytes) : bytes));
      from = row.number + 1;
    }
    if (rows.length < piecesPerPage) break;
  }
  return records;
}

function joined(records: readonly Uint8Array[], delimiter: string | undefined): Buffer {
  if (delimiter === undefined) return Buffer.concat(records);
  const behind = Buffer.from(delimiter);
  return Buffer.concat(records.flatMap((record) => [record, behind]));
}
