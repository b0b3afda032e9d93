/** PutRecord and PutRecordBatch: https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatch.html */

import { cloudKey } from '../../../framework/blob-encryption/data-keys.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { sealBytes } from '../../../framework/sealed-bytes.ts';
import { requireStream } from '../delivery-streams/lookup.ts';
import { streamArn } from '../delivery-streams/stream.ts';
import { fault, invalidArgument, notForKinesisSource, refuse, slowDown, streamNotActive } from '../errors.ts';
import { billedRecordBytes, callBytesMax, recordBytesMax, recordsPerCallMax } from '../limits.ts';
import type { Operation } from '../sdk.ts';
import type { Stream } from '../tables.ts';
import { addPiece } from './buffer.ts';
import { pack } from './packing.ts';
import { admitCall } from './throughput.ts';

export const PutRecord: Operation<'PutRecord'> = async (request, input) => {
  const data = input.Record.Data as Uint8Array;
  if (data.length > recordBytesMax) refuse([fault('record.data', '[bytes]', `have length less than or equal to ${recordBytesMax}`)]);
  const { stream, ids } = await put(request, input.DeliveryStreamName, [data]);
  return { RecordId: ids[0]!, Encrypted: stream.encryption !== undefined };
};

/** All records of a call share one fate here, so none fails alone. */
export const PutRecordBatch: Operation<'PutRecordBatch'> = async (request, input) => {
  const records = input.Records.map(({ Data }) => Data as Uint8Array);
  checkBatch(records);
  const { stream, ids } = await put(request, input.DeliveryStreamName, records);
  return {
    FailedPutCount: 0,
    Encrypted: stream.encryption !== undefined,
    RequestResponses: ids.map((RecordId) => ({ RecordId })),
  };
};

function checkBatch(records: readonly Uint8Array[]): void {
  const shown = `[${records.length} members]`;
  if (records.length === 0) refuse([fault('records', shown, 'have length greater than or equal to 1')]);
  if (records.length > recordsPerCallMax) refuse([fault('records', shown, `have length less than or equal to ${recordsPerCallMax}`)]);
  const faults = records.flatMap((data, i) =>
    data.length > recordBytesMax
      ? [fault(`records.${i + 1}.member.data`, '[bytes]', `have length less than or equal to ${recordBytesMax}`)]
      : [],
  );
  refuse(faults);
  if (sizeOf(records) > callBytesMax) throw invalidArgument('Records size exceeds 4 MB limit');
}

const sizeOf = (records: readonly Uint8Array[]): number => records.reduce((sum, data) => sum + data.length, 0);

/** Keeps records durably. Throws ResourceNotFoundException, and ServiceUnavailableException beyond the stream's quota. */
async function put(request: ServiceRequest, name: string, records: readonly Uint8Array[]): Promise<{ stream: Stream; ids: string[] }> {
  const { store, blobs, random, now, region } = request;
  const bytes = sizeOf(records);
  const where = { account: request.account, region, name };
  const known = await store.read((tx) => requireStream(tx, where));
  checkTaking(known);
  if (!admitCall(known, { records: records.length, bytes }, request.clock.now())) throw slowDown();
  const suffix = random.uuid();
  const seed = random.bytes(24).toString('base64url');
  // Whatever the key is: it is delivered by the cloud, and not by one whom KMS could ask.
  const sealed = known.encryption !== undefined;
  const plain = pack(records);
  const staged = await blobs.stage(sealed ? sealBytes(await cloudKey(request, 'firehose'), plain, random) : plain);
  try {
    const stream = await store.write(async (tx) => {
      const present = await requireStream(tx, where);
      checkTaking(present);
      await addPiece(tx, present, { staged, sealed, bytes, arrived: now, suffix });
      await blobs.adopt(tx, staged);
      return present;
    });
    meter(request, stream, records);
    return { stream, ids: records.map((_, i) => seed + i.toString(36).padStart(4, '0')) };
  } catch (error) {
    await blobs.discard(staged);
    throw error;
  }
}

function checkTaking(stream: Stream): void {
  if (stream.source) throw notForKinesisSource();
  if (stream.status !== 'ACTIVE') throw streamNotActive(stream, stream.status);
}

function meter(request: ServiceRequest, stream: Stream, records: readonly Uint8Array[]): void {
  const billed = records.reduce((sum, { length }) => sum + Math.max(1, Math.ceil(length / billedRecordBytes)) * billedRecordBytes, 0);
  request.use({ usageType: 'BilledBytes', quantity: billed, unit: 'Bytes', resource: streamArn(stream), account: stream.account });
}
