/** Clients and streams for the tests of Kinesis. */

import assert from 'node:assert/strict';
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  type CreateStreamCommandInput,
  type GetRecordsCommandOutput,
  type GetShardIteratorCommandInput,
} from '@aws-sdk/client-kinesis';
import { rootOf, type ClientConfig, type LiveCloud } from '../../../../tests/live-cloud.ts';

export const home = '111122223333';

/** The client as it comes: it speaks HTTP/2. */
export function kinesisOf(cloud: LiveCloud, config: ClientConfig = {}): KinesisClient {
  return cloud.client(KinesisClient, { credentials: rootOf(home), ...config });
}

/** A stream that is ready. */
export async function makeStream(
  cloud: LiveCloud,
  client: KinesisClient,
  name: string,
  input: Partial<CreateStreamCommandInput> = { ShardCount: 1 },
): Promise<string> {
  await client.send(new CreateStreamCommand({ StreamName: name, ...input }));
  await cloud.cloud.settled();
  const { StreamDescriptionSummary } = await client.send(new DescribeStreamSummaryCommand({ StreamName: name }));
  assert.equal(StreamDescriptionSummary!.StreamStatus, 'ACTIVE');
  return StreamDescriptionSummary!.StreamARN!;
}

export const shard = (number: number): string => `shardId-${String(number).padStart(12, '0')}`;

export async function iteratorOf(client: KinesisClient, name: string, input: Partial<GetShardIteratorCommandInput> = {}): Promise<string> {
  const { ShardIterator } = await client.send(
    new GetShardIteratorCommand({ StreamName: name, ShardId: shard(0), ShardIteratorType: 'TRIM_HORIZON', ...input }),
  );
  return ShardIterator!;
}

/** What an iterator made for the occasion reads. */
export async function read(
  client: KinesisClient,
  name: string,
  input: Partial<GetShardIteratorCommandInput> = {},
): Promise<GetRecordsCommandOutput> {
  return client.send(new GetRecordsCommand({ ShardIterator: await iteratorOf(client, name, input) }));
}

export const textsOf = ({ Records }: GetRecordsCommandOutput): string[] => Records!.map(({ Data }) => Buffer.from(Data!).toString());

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
