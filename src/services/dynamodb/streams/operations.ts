/** ListStreams, DescribeStream, GetShardIterator and GetRecords. */

import type { Shard as SdkShard, ShardFilter, _Record } from '@aws-sdk/client-dynamodb-streams';
import { AwsError } from '../../../framework/aws-error.ts';
import { knownByText } from '../../../framework/json-text.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { headOf, numberOf, readRecords, sequenceNumber } from '../change-feeds/feed.ts';
import { addFault, checkEnum, checkLength, checkRange, refuseFaults, type Faults } from '../constraints.ts';
import { resourceNotFound, validationException } from '../errors.ts';
import { describeKeys } from '../tables/description.ts';
import { streams } from '../tables.ts';
import { decodeIterator, encodeIterator } from './iterators.ts';
import { placeOfArn } from './place.ts';
import { readRecord } from './records.ts';
import type { Input, Operation } from './sdk.ts';
import type { Shard } from './shards.ts';
import { retentionMilliseconds, streamArn, type Stream } from './stream.ts';

const listedMax = 100;
const recordsMax = 1_000;
const answerBytesMax = 1024 * 1024;
const iteratorTypes = ['TRIM_HORIZON', 'LATEST', 'AT_SEQUENCE_NUMBER', 'AFTER_SEQUENCE_NUMBER'];

const streamNotFound = (arn: string): AwsError => resourceNotFound(`Requested resource not found: Stream: ${arn} not found`);

async function requireStream(tx: ReadTransaction, request: ServiceRequest, arn: string): Promise<Stream> {
  const place = placeOfArn(arn);
  const stream = place[1] === request.region ? await streams.get(tx, ...place) : undefined;
  if (!stream || isOver(stream, request.now)) throw streamNotFound(arn);
  return stream;
}

const isOver = ({ disabled }: Stream, now: number): boolean => disabled !== undefined && now - disabled >= retentionMilliseconds;

export const ListStreams: Operation<'ListStreams'> = async (request, input) => {
  const faults: Faults = [];
  checkRange(faults, 'limit', input.Limit, 1, listedMax);
  checkLength(faults, 'tableName', input.TableName, 3, 255);
  refuseFaults(faults);
  const { account, region, now } = request;
  const { TableName: table, Limit: limit = listedMax, ExclusiveStartStreamArn: start } = input;
  const [, , startName, startLabel] = start === undefined ? [] : placeOfArn(start);
  const own = table === undefined ? [account, region] : [account, region, table];
  const from = startName === undefined ? own : [account, region, startName, `${startLabel}\0`];
  const end = [...own.slice(0, -1), `${own.at(-1)!}\0`];
  // A name followed by the lowest character is the first possible after it.
  const found = await request.store.read((tx) => streams.between(tx, from, end, { limit: limit + 1 }));
  const page = found.slice(0, limit).map(({ row }) => row);
  return {
    Streams: page
      .filter((stream) => !isOver(stream, now))
      .map((stream) => ({ StreamArn: streamArn(stream), TableName: stream.name, StreamLabel: stream.label })),
    ...(found.length > limit && { LastEvaluatedStreamArn: streamArn(page.at(-1)!) }),
  };
};

export const DescribeStream: Operation<'DescribeStream'> = async (request, input) => {
  const faults: Faults = [];
  checkRange(faults, 'limit', input.Limit, 1, listedMax);
  if (input.ShardFilter) checkShardFilter(faults, input.ShardFilter);
  refuseFaults(faults);
  const stream = await request.store.read((tx) => requireStream(tx, request, input.StreamArn!));
  const { ExclusiveStartShardId: start, ShardFilter: filter, Limit: limit = listedMax } = input;
  const wanted = stream.shards.filter((shard) => (start === undefined || shard.id > start) && (!filter || shard.parent === filter.ShardId));
  const page = wanted.slice(0, limit);
  return {
    StreamDescription: {
      StreamArn: streamArn(stream),
      StreamLabel: stream.label,
      StreamStatus: stream.disabled === undefined ? 'ENABLED' : 'DISABLED',
      StreamViewType: stream.view,
      CreationRequestDateTime: new Date(stream.created),
      TableName: stream.name,
      KeySchema: describeKeys(stream.keys),
      Shards: page.map(describeShard),
      ...(wanted.length > page.length && { LastEvaluatedShardId: page.at(-1)!.id }),
    },
  };
};

/** Both members are needed, and an id that has the form of one. */
function checkShardFilter(faults: Faults, { ShardId: id, Type: type }: ShardFilter): void {
  if (type === undefined) addFault(faults, 'shardFilter.type', undefined, 'Member must not be null');
  checkEnum(faults, 'shardFilter.type', type, ['CHILD_SHARDS']);
  if (id === undefined) addFault(faults, 'shardFilter.shardId', undefined, 'Member must not be null');
  checkLength(faults, 'shardFilter.shardId', id, 28, 65);
}

function describeShard({ id, parent, first, last }: Shard): SdkShard {
  return {
    ShardId: id,
    SequenceNumberRange: {
      StartingSequenceNumber: sequenceNumber(first),
      ...(last !== undefined && { EndingSequenceNumber: sequenceNumber(Math.max(first, last)) }),
    },
    ...(parent !== undefined && { ParentShardId: parent }),
  };
}

export const GetShardIterator: Operation<'GetShardIterator'> = async (request, input) => {
  const faults: Faults = [];
  checkEnum(faults, 'shardIteratorType', input.ShardIteratorType, iteratorTypes);
  refuseFaults(faults);
  const arn = input.StreamArn!;
  const position = await request.store.read(async (tx) => {
    const stream = await requireStream(tx, request, arn);
    const shard = stream.shards.find(({ id }) => id === input.ShardId);
    if (!shard) throw resourceNotFound(`Requested resource not found: Shard: ${input.ShardId} in Stream: ${arn} not found`);
    return startOf(tx, request, stream, shard, input);
  });
  return { ShardIterator: encodeIterator({ arn, shard: input.ShardId!, position, created: request.now }) };
};

async function startOf(
  tx: ReadTransaction,
  { now }: ServiceRequest,
  stream: Stream,
  shard: Shard,
  { ShardIteratorType: type, SequenceNumber: sequence }: Input<'GetShardIterator'>,
): Promise<number> {
  if (type === 'TRIM_HORIZON') return shard.first;
  const head = await headOf(tx, stream, now);
  if (type === 'LATEST') return shard.last === undefined ? head.next : shard.last + 1;
  if (sequence === undefined) throw validationException(`SequenceNumber is required for ShardIteratorType ${type}`);
  const number = numberOf(sequence);
  if (number === shard.first && number === head.next) return number; // the shard's beginning, before there are records
  if (number === undefined || number < shard.first || number > (shard.last ?? head.next - 1))
    throw validationException(`Invalid SequenceNumber: ${sequence} for shard: ${shard.id}`);
  const [record] = await readRecords(tx, stream, { first: number, last: number, count: 1, bytesMax: 1 });
  if (!record || record.at <= now - retentionMilliseconds)
    throw new AwsError('TrimmedDataAccessException', 'The operation attempted to read past the oldest stream record in a shard.');
  return type === 'AT_SEQUENCE_NUMBER' ? number : number + 1;
}

export const GetRecords: Operation<'GetRecords'> = async (request, input) => {
  const faults: Faults = [];
  checkRange(faults, 'limit', input.Limit, 1, recordsMax);
  refuseFaults(faults);
  const { arn, shard: shardId, position } = decodeIterator(input.ShardIterator!, request.now);
  const { records, next } = await request.store.read(async (tx) => {
    const stream = await requireStream(tx, request, arn);
    const shard = stream.shards.find(({ id }) => id === shardId);
    if (!shard) throw new AwsError('TrimmedDataAccessException', 'The shard has no records any more.');
    const last = shard.last ?? (await headOf(tx, stream, request.now)).next - 1;
    const records = await readRecords(tx, stream, { first: position, last, count: input.Limit ?? recordsMax, bytesMax: answerBytesMax });
    const next = records.length > 0 ? records.at(-1)!.number + 1 : Math.max(position, shard.last === undefined ? position : last + 1);
    return { records, next: shard.last !== undefined && next > shard.last ? undefined : next };
  });
  const fresh = records.filter(({ at }) => at > request.now - retentionMilliseconds);
  const text = `[${fresh.map(({ json }) => json).join(',')}]`;
  return {
    Records: knownByText<_Record[]>('list', text, () => fresh.map(({ json }) => readRecord(json))),
    ...(next !== undefined && { NextShardIterator: encodeIterator({ arn, shard: shardId, position: next, created: request.now }) }),
  };
};
