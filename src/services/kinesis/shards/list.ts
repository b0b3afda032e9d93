/** ListShards: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListShards.html */

import type { ServiceRequest } from '../../../framework/request.ts';
import type { Authorizer } from '../../../framework/authorization.ts';
import { checkOn } from '../authorize.ts';
import { checkConstraints } from '../constraints.ts';
import { expiredNextToken, invalidArgument } from '../errors.ts';
import { listedShardsDefault, tokenMilliseconds } from '../limits.ts';
import { trimHorizon } from '../records/reading.ts';
import type { Input, Operation } from '../sdk.ts';
import { lookUp, lookUpNamed, type Found } from '../streams/lookup.ts';
import { shards, type Shard, type Stream } from '../tables.ts';
import { describedShard, shardNumber } from './shard.ts';

type Filter = NonNullable<Input<'ListShards'>['ShardFilter']>;
/** What a token carries: where to go on, under the filter of the first call. */
type Place = {
  account: string;
  region: string;
  name: string;
  created: number;
  after: number;
  filter?: { type: string; number?: number; time?: number };
  issued: number;
};

const rowsPerPage = 1_001;

export const onListShards: Authorizer<Input<'ListShards'>> = async (request, input) => {
  checkConstraints(request.operation, input);
  return [checkOn(await findStream(request, input), 'ListShards')];
};

export const ListShards: Operation<'ListShards'> = async (request, input) => {
  const { stream } = await findStream(request, input);
  const place = input.NextToken === undefined ? beginning(stream, input, request.clock.now()) : placeOf(request, input.NextToken);
  const limit = input.MaxResults ?? listedShardsDefault;
  const matching = await shardsAfter(request, stream, place, limit + 1);
  const page = matching.slice(0, limit);
  const next = { ...place, after: page.at(-1)?.number ?? place.after, issued: request.clock.now() };
  return { Shards: page.map(describedShard), ...(matching.length > limit && { NextToken: tokenOf(next) }) };
};

/** So many shards that match, or all there are: page by page, as closed ones may outnumber those that match. */
async function shardsAfter(request: ServiceRequest, stream: Stream, place: Place, count: number): Promise<Shard[]> {
  const matches = filterOf(stream, place.filter, request.clock.now());
  const matching: Shard[] = [];
  for (let after = place.after; ;) {
    const rows = await request.store.read((tx) =>
      shards.between(tx, [stream.id, after + 1], [stream.id, Number.MAX_SAFE_INTEGER], { limit: rowsPerPage }),
    );
    for (const { row } of rows) if (matches(row) && matching.length < count) matching.push(row);
    if (rows.length < rowsPerPage || matching.length >= count) return matching;
    after = rows.at(-1)!.row.number;
  }
}

async function findStream(request: ServiceRequest, input: Input<'ListShards'>): Promise<Found> {
  if (input.NextToken === undefined) return lookUp(request, input);
  if (input.StreamName !== undefined || input.StreamARN !== undefined)
    throw invalidArgument('NextToken and StreamName cannot be provided together.');
  const place = placeOf(request, input.NextToken);
  const found = await lookUpNamed(request, place);
  if (found.stream.created !== place.created) throw expiredNextToken();
  return found;
}

function beginning(stream: Stream, input: Input<'ListShards'>, now: number): Place {
  const { account, region, name, created } = stream;
  if (
    input.StreamCreationTimestamp !== undefined &&
    Math.floor(input.StreamCreationTimestamp.getTime() / 1000) !== Math.floor(created / 1000)
  )
    throw invalidArgument(`StreamCreationTimestamp does not match that of stream ${name} under account ${account}.`);
  const start = input.ExclusiveStartShardId;
  const after = start === undefined ? -1 : shardNumber(start);
  if (after === undefined) throw invalidArgument(`ExclusiveStartShardId ${start} is invalid.`);
  const place: Place = { account, region, name, created, after, issued: now };
  return input.ShardFilter ? { ...place, ...checkedFilter(input.ShardFilter, place, now) } : place;
}

function checkedFilter(filter: Filter, place: Place, now: number): Partial<Place> {
  const type = filter.Type as string;
  if (type === 'AFTER_SHARD_ID') {
    const number = filter.ShardId === undefined ? undefined : shardNumber(filter.ShardId);
    if (number === undefined) throw invalidArgument('ShardId must be specified for a ShardFilter of type AFTER_SHARD_ID.');
    return { after: Math.max(place.after, number) };
  }
  if (type !== 'AT_TIMESTAMP' && type !== 'FROM_TIMESTAMP') {
    if (!['AT_LATEST', 'AT_TRIM_HORIZON', 'FROM_TRIM_HORIZON'].includes(type)) throw invalidArgument(`Invalid ShardFilter type: ${type}`);
    return { filter: { type } };
  }
  if (filter.Timestamp === undefined) throw invalidArgument(`Timestamp must be specified for a ShardFilter of type ${type}.`);
  const time = filter.Timestamp.getTime();
  if (time > now) throw invalidArgument('The Timestamp of a ShardFilter cannot be in the future.');
  return { filter: { type, time } };
}

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ShardFilter.html */
function filterOf(stream: Stream, filter: Place['filter'], now: number): (shard: Shard) => boolean {
  const horizon = Math.max(stream.created, trimHorizon(stream, now));
  const kept = (shard: Shard) => shard.closed === undefined || shard.closed >= horizon;
  if (!filter) return kept;
  const time = Math.max(horizon, filter.time ?? horizon);
  const openedBy = (shard: Shard) => shard.createdSeconds * 1000 <= time;
  const openAfter = (shard: Shard) => shard.closed === undefined || shard.closed >= time;
  switch (filter.type) {
    case 'AT_LATEST':
      return (shard) => shard.closed === undefined;
    case 'AT_TRIM_HORIZON':
    case 'AT_TIMESTAMP':
      return (shard) => kept(shard) && openedBy(shard) && openAfter(shard);
    default:
      return (shard) => kept(shard) && openAfter(shard);
  }
}

function tokenOf(place: Place): string {
  return Buffer.from(JSON.stringify(place)).toString('base64');
}

/** Throws InvalidArgumentException, or ExpiredNextTokenException after five minutes. */
function placeOf(request: ServiceRequest, token: string): Place {
  const place = parsed(token);
  const valid =
    /^\d{12}$/.test(place?.account ?? '') &&
    place?.region === request.region &&
    /^[a-zA-Z0-9_.-]{1,128}$/.test(place.name) &&
    [place.created, place.after, place.issued].every(Number.isSafeInteger);
  if (!valid) throw invalidArgument('NextToken is invalid.');
  if (request.clock.now() - place!.issued > tokenMilliseconds) throw expiredNextToken();
  return place!;
}

function parsed(token: string): Place | undefined {
  try {
    return JSON.parse(Buffer.from(token, 'base64').toString()) as Place;
  } catch {
    // What is not JSON is not ours.
    return undefined;
  }
}
