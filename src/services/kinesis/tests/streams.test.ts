/** Streams: made, described, listed, tagged, deleted. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  AddTagsToStreamCommand,
  CreateStreamCommand,
  DeleteStreamCommand,
  DescribeLimitsCommand,
  DescribeStreamCommand,
  DescribeStreamSummaryCommand,
  type KinesisClient,
  ListShardsCommand,
  ListStreamsCommand,
  ListTagsForStreamCommand,
  PutRecordCommand,
  RemoveTagsFromStreamCommand,
} from '@aws-sdk/client-kinesis';
import { makeUser, allow } from '../../sts/tests/cast.ts';
import { rootOf, startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
import { bytes, home, kinesisOf, makeStream, read, shard } from './streams-at-hand.ts';

let cloud: LiveCloud;
let client: KinesisClient;

before(async () => {
  cloud = await startCloud();
  client = kinesisOf(cloud);
});
after(() => cloud.close());

test('a new stream is CREATING, then ACTIVE with shards that divide all hash keys', async () => {
  await client.send(new CreateStreamCommand({ StreamName: 'new', ShardCount: 3, Tags: { team: 'blue' } }));
  await cloud.cloud.settled();
  const { StreamDescription: found } = await client.send(new DescribeStreamCommand({ StreamName: 'new' }));
  assert.equal(found!.StreamStatus, 'ACTIVE');
  assert.equal(found!.StreamARN, `arn:aws:kinesis:us-east-1:${home}:stream/new`);
  assert.equal(found!.RetentionPeriodHours, 24);
  assert.equal(found!.EncryptionType, 'NONE');
  assert.deepEqual(
    found!.Shards!.map(({ ShardId }) => ShardId),
    [shard(0), shard(1), shard(2)],
  );
  assert.deepEqual(
    found!.Shards!.map(({ HashKeyRange }) => [HashKeyRange!.StartingHashKey, HashKeyRange!.EndingHashKey]),
    [
      ['0', '113427455640312821154458202477256070484'],
      ['113427455640312821154458202477256070485', '226854911280625642308916404954512140969'],
      ['226854911280625642308916404954512140970', '340282366920938463463374607431768211455'],
    ],
  );
  for (const { SequenceNumberRange } of found!.Shards!) {
    assert.match(SequenceNumberRange!.StartingSequenceNumber!, /^49\d{54}$/);
    assert.equal(SequenceNumberRange!.EndingSequenceNumber, undefined);
  }
  const { Tags } = await client.send(new ListTagsForStreamCommand({ StreamName: 'new' }));
  assert.deepEqual(Tags, [{ Key: 'team', Value: 'blue' }]);
});

test('an on-demand stream begins with four shards', async () => {
  await makeStream(cloud, client, 'on-demand', { StreamModeDetails: { StreamMode: 'ON_DEMAND' } });
  const { StreamDescriptionSummary: found } = await client.send(new DescribeStreamSummaryCommand({ StreamName: 'on-demand' }));
  assert.equal(found!.OpenShardCount, 4);
  assert.equal(found!.StreamModeDetails!.StreamMode, 'ON_DEMAND');
  assert.equal((await client.send(new DescribeLimitsCommand())).OnDemandStreamCount, 1);
});

test('a stream of which neither mode nor shards are said is on demand', async () => {
  await client.send(new CreateStreamCommand({ StreamName: 'unsaid' }));
  const { StreamDescriptionSummary: found } = await client.send(new DescribeStreamSummaryCommand({ StreamName: 'unsaid' }));
  assert.equal(found!.StreamModeDetails!.StreamMode, 'ON_DEMAND');
});

test('a name is taken once, and names and counts are checked', async () => {
  await makeStream(cloud, client, 'taken');
  await refused(client.send(new CreateStreamCommand({ StreamName: 'taken', ShardCount: 1 })), {
    code: 'ResourceInUseException',
    message: `Stream taken under account ${home} already exists.`,
  });
  await refused(client.send(new CreateStreamCommand({ StreamName: 'a b', ShardCount: 1 })), {
    code: 'ValidationException',
    message:
      "1 validation error detected: Value 'a b' at 'streamName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
  });
  await refused(client.send(new CreateStreamCommand({ StreamName: 'none', ShardCount: 0 })), 'ValidationException');
  await refused(client.send(new DescribeStreamCommand({ StreamName: 'none' })), {
    code: 'ResourceNotFoundException',
    message: `Stream none under account ${home} not found.`,
  });
});

test('the shard limit of an account holds', async () => {
  const elsewhere = kinesisOf(cloud, { region: 'ap-northeast-2', credentials: rootOf('222233334444') });
  await refused(elsewhere.send(new CreateStreamCommand({ StreamName: 'large', ShardCount: 6_001 })), {
    code: 'LimitExceededException',
    message: /Current shard count for the account: 0\. Limit: 6000\. Number of additional shards .* 6001\./,
  });
});

test('streams are listed page by page, those of other accounts and regions never', async () => {
  const lister = kinesisOf(cloud, { credentials: rootOf('333344445555') });
  for (const name of ['a', 'b', 'b.c', 'd']) await lister.send(new CreateStreamCommand({ StreamName: name, ShardCount: 1 }));
  await kinesisOf(cloud, { region: 'eu-west-1', credentials: rootOf('333344445555') }).send(
    new CreateStreamCommand({ StreamName: 'far', ShardCount: 1 }),
  );
  const first = await lister.send(new ListStreamsCommand({ Limit: 2 }));
  assert.deepEqual([first.StreamNames, first.HasMoreStreams], [['a', 'b'], true]);
  const second = await lister.send(new ListStreamsCommand({ NextToken: first.NextToken! }));
  assert.deepEqual([second.StreamNames, second.HasMoreStreams], [['b.c', 'd'], false]);
  const after = await lister.send(new ListStreamsCommand({ ExclusiveStartStreamName: 'b' }));
  assert.deepEqual(after.StreamNames, ['b.c', 'd']);
  assert.equal(after.StreamSummaries![0]!.StreamName, 'b.c');
});

test('shards are listed page by page, and by filter', async () => {
  await makeStream(cloud, client, 'many', { ShardCount: 5 });
  const first = await client.send(new ListShardsCommand({ StreamName: 'many', MaxResults: 3 }));
  assert.equal(first.Shards!.length, 3);
  const rest = await client.send(new ListShardsCommand({ NextToken: first.NextToken! }));
  assert.deepEqual(
    rest.Shards!.map(({ ShardId }) => ShardId),
    [shard(3), shard(4)],
  );
  assert.equal(rest.NextToken, undefined);
  const later = await client.send(
    new ListShardsCommand({ StreamName: 'many', ShardFilter: { Type: 'AFTER_SHARD_ID', ShardId: shard(3) } }),
  );
  assert.equal(later.Shards!.length, 1);
  await refused(client.send(new ListShardsCommand({ StreamName: 'many', NextToken: first.NextToken! })), 'InvalidArgumentException');
  await refused(client.send(new ListShardsCommand({ NextToken: 'x' })), 'InvalidArgumentException');
  await cloud.advance(300_001);
  await refused(client.send(new ListShardsCommand({ NextToken: first.NextToken! })), 'ExpiredNextTokenException');
});

test('tags are added, replaced and removed', async () => {
  await makeStream(cloud, client, 'tagged');
  await client.send(new AddTagsToStreamCommand({ StreamName: 'tagged', Tags: { a: '1', b: '2' } }));
  await client.send(new AddTagsToStreamCommand({ StreamName: 'tagged', Tags: { b: '3', c: '' } }));
  await client.send(new RemoveTagsFromStreamCommand({ StreamName: 'tagged', TagKeys: ['a', 'x'] }));
  const { Tags, HasMoreTags } = await client.send(new ListTagsForStreamCommand({ StreamName: 'tagged', Limit: 1 }));
  assert.deepEqual([Tags, HasMoreTags], [[{ Key: 'b', Value: '3' }], true]);
  const rest = await client.send(new ListTagsForStreamCommand({ StreamName: 'tagged', ExclusiveStartTagKey: 'b' }));
  assert.deepEqual(rest.Tags, [{ Key: 'c', Value: '' }]);
  const many = Object.fromEntries(Array.from({ length: 49 }, (_, i) => [`k${i}`, '']));
  await refused(client.send(new AddTagsToStreamCommand({ StreamName: 'tagged', Tags: many })), 'InvalidArgumentException');
});

test('a deleted stream takes its records with it, and a new one of its name begins anew', async () => {
  await makeStream(cloud, client, 'short');
  await client.send(new PutRecordCommand({ StreamName: 'short', PartitionKey: 'k', Data: bytes('old') }));
  await client.send(new DeleteStreamCommand({ StreamName: 'short' }));
  await cloud.cloud.settled();
  await refused(client.send(new DescribeStreamCommand({ StreamName: 'short' })), 'ResourceNotFoundException');
  await makeStream(cloud, client, 'short');
  assert.deepEqual((await read(client, 'short')).Records, []);
});

test('a user needs permission, on this very stream', async () => {
  const arn = await makeStream(cloud, client, 'guarded');
  await makeStream(cloud, client, 'other');
  const user = kinesisOf(cloud, { credentials: await makeUser(cloud, 'reader', [allow('kinesis:Describe*', arn)], home) });
  await user.send(new DescribeStreamSummaryCommand({ StreamARN: arn }));
  for (const call of [
    user.send(new DescribeStreamCommand({ StreamName: 'other' })),
    user.send(new PutRecordCommand({ StreamName: 'guarded', PartitionKey: 'k', Data: bytes('x') })),
    user.send(new ListStreamsCommand()),
  ])
    await refused(call, 'AccessDeniedException');
});
