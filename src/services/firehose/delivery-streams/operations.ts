/** Delivery streams: describe, list, delete. */

import { fault, refuse } from '../errors.ts';
import { listedStreamsDefault } from '../limits.ts';
import type { Operation } from '../sdk.ts';
import { streams } from '../tables.ts';
import { nameOf, requireStream } from './lookup.ts';
import { describedStream, destinationId, typeOf } from './stream.ts';

export const DescribeDeliveryStream: Operation<'DescribeDeliveryStream'> = async (request, input) => {
  const stream = await request.store.read((tx) => requireStream(tx, nameOf(request, input)));
  const described = describedStream(stream);
  const after = input.ExclusiveStartDestinationId;
  return { DeliveryStreamDescription: after === undefined || after < destinationId ? described : { ...described, Destinations: [] } };
};

export const ListDeliveryStreams: Operation<'ListDeliveryStreams'> = async (request, input) => {
  const { account, region } = request;
  const limit = input.Limit ?? listedStreamsDefault;
  if (limit < 1 || limit > 10_000)
    refuse([fault('limit', limit, limit < 1 ? 'have value greater than or equal to 1' : 'have value less than or equal to 10000')]);
  const after = input.ExclusiveStartDeliveryStreamName ?? '';
  const rows = await request.store.read((tx) => streams.between(tx, [account, region, `${after}\0`], [account, `${region}\0`]));
  const found = rows.filter(({ row }) => input.DeliveryStreamType === undefined || typeOf(row) === input.DeliveryStreamType);
  return { DeliveryStreamNames: found.slice(0, limit).map(({ row }) => row.name), HasMoreDeliveryStreams: found.length > limit };
};

/** What waits in the stream is given up with it. */
export const DeleteDeliveryStream: Operation<'DeleteDeliveryStream'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const { encrypting: _, ...stream } = await requireStream(tx, nameOf(request, input));
    await streams.put(tx, { ...stream, status: 'DELETING' });
  });
  return {};
};
