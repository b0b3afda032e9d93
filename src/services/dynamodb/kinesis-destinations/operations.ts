/** Enable-, Disable-, Describe- and UpdateKinesisStreamingDestination. */

import type { DestinationStatus } from '@aws-sdk/client-dynamodb';
import { parseArn } from '../../../framework/arn.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { resourceInUse, resourceNotFound, validationException } from '../errors.ts';
import type { Operation } from '../sdk.ts';
import { newSpace } from '../tables/create.ts';
import { placeOf, requireNamedTable } from '../tables/lookup.ts';
import { withoutFeed } from '../tables/table.ts';
import { clearances, feedHeads, kinesisDestinations, tables } from '../tables.ts';
import type { Destination } from './destination.ts';

/** A table has so many at a time: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html */
const activeMax = 2;

export const EnableKinesisStreamingDestination: Operation<'EnableKinesisStreamingDestination'> = async (request, input) => {
  const { StreamArn: stream, TableName } = input;
  if (parseArn(stream!)?.service !== 'kinesis') throw validationException(`Invalid StreamArn: ${stream}`);
  // As the caller: who may not see the stream may not write into it either.
  await request.aws.kinesis('DescribeStreamSummary', { StreamARN: stream! });
  const space = newSpace(request.random);
  const precision = input.EnableKinesisStreamingConfiguration?.ApproximateCreationDateTimePrecision ?? 'MILLISECOND';
  const name = await request.store.write(async (tx) => {
    const table = await requireNamedTable(tx, placeOf(request, TableName!));
    const { account, region, name } = table;
    const present = (await kinesisDestinations.scan(tx, [account, region, name])).map(({ row }) => row);
    const active = present.filter(({ status }) => status === 'ACTIVE');
    if (active.some((one) => one.stream === stream))
      throw resourceInUse(
        `Table is not in a valid state to enable Kinesis Streaming Destination: KinesisStreamingDestination already ACTIVE`,
      );
    if (active.length >= activeMax) throw validationException(`Table has ${activeMax} active Kinesis streaming destinations already`);
    await kinesisDestinations.put(tx, { account, region, name, stream: stream!, space, precision, status: 'ACTIVE' });
    await tables.put(tx, { ...table, feeds: [...(table.feeds ?? []), { kind: 'kinesis', space, view: 'NEW_AND_OLD_IMAGES' }] });
    return name;
  });
  const EnableKinesisStreamingConfiguration = { ApproximateCreationDateTimePrecision: precision };
  return { TableName: name, StreamArn: stream!, DestinationStatus: 'ENABLING', EnableKinesisStreamingConfiguration };
};

export const DisableKinesisStreamingDestination: Operation<'DisableKinesisStreamingDestination'> = async (request, input) => {
  const { name, stream } = await request.store.write(async (tx) => {
    const destination = await requireActive(tx, request, input.TableName!, input.StreamArn!);
    await disable(tx, destination);
    return destination;
  });
  return { TableName: name, StreamArn: stream, DestinationStatus: 'DISABLING' };
};

/** What has not been delivered is dropped. */
async function disable(tx: WriteTransaction, destination: Destination): Promise<void> {
  const { account, region, name, space } = destination;
  await kinesisDestinations.put(tx, { ...destination, status: 'DISABLED' });
  await feedHeads.delete(tx, account, region, space);
  await clearances.put(tx, { account, region, space });
  const table = await tables.get(tx, account, region, name);
  if (table) await tables.put(tx, withoutFeed(table, space));
}

/** Ends the destinations of a table that is being deleted. */
export async function forgetDestinations(tx: WriteTransaction, place: { account: string; region: string; name: string }): Promise<void> {
  const { account, region, name } = place;
  for (const { row } of await kinesisDestinations.scan(tx, [account, region, name])) {
    await kinesisDestinations.delete(tx, account, region, name, row.stream);
    await feedHeads.delete(tx, account, region, row.space);
    await clearances.put(tx, { account, region, space: row.space });
  }
}

export const UpdateKinesisStreamingDestination: Operation<'UpdateKinesisStreamingDestination'> = async (request, input) => {
  const precision = input.UpdateKinesisStreamingConfiguration?.ApproximateCreationDateTimePrecision;
  const { name, stream } = await request.store.write(async (tx) => {
    const destination = await requireActive(tx, request, input.TableName!, input.StreamArn!);
    if (precision === undefined || precision === destination.precision)
      throw validationException('Invalid Request: Precision is already set to the desired value or not given');
    await kinesisDestinations.put(tx, { ...destination, precision });
    return destination;
  });
  const UpdateKinesisStreamingConfiguration = { ApproximateCreationDateTimePrecision: precision! };
  return { TableName: name, StreamArn: stream, DestinationStatus: 'UPDATING', UpdateKinesisStreamingConfiguration };
};

export const DescribeKinesisStreamingDestination: Operation<'DescribeKinesisStreamingDestination'> = async (request, input) => {
  const { name, found } = await request.store.read(async (tx) => {
    const { account, region, name } = await requireNamedTable(tx, placeOf(request, input.TableName!));
    return { name, found: await kinesisDestinations.scan(tx, [account, region, name]) };
  });
  return {
    TableName: name,
    KinesisDataStreamDestinations: found.map(({ row }) => ({
      StreamArn: row.stream,
      DestinationStatus: row.status satisfies DestinationStatus,
      ApproximateCreationDateTimePrecision: row.precision,
    })),
  };
};

async function requireActive(tx: WriteTransaction, request: ServiceRequest, tableName: string, stream: string): Promise<Destination> {
  const { account, region, name } = await requireNamedTable(tx, placeOf(request, tableName));
  const destination = await kinesisDestinations.get(tx, account, region, name, stream);
  if (destination?.status !== 'ACTIVE')
    throw resourceNotFound(`Table is not in a valid state: no ACTIVE KinesisStreamingDestination: ${stream}`);
  return destination;
}
