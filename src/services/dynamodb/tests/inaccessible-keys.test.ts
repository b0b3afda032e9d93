/** What waits for a key that KMS refuses holds up no other table, and is come back to. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as D from '@aws-sdk/client-dynamodb';
import * as K from '@aws-sdk/client-kinesis';
import { CreateKeyCommand, DisableKeyCommand, EnableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { createTable } from '../../../../tests/ready-table.ts';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';

const fiveMinutes = 301_000;
/** The one whose key is refused comes first in every pass. */
const [waiting, other] = ['a-waits', 'b-goes-on'];
let cloud: LiveCloud;
let client: D.DynamoDBClient;
let kinesis: K.KinesisClient;
let kms: KMSClient;
let KeyId: string;

before(async () => {
  cloud = await startCloud();
  client = cloud.client(D.DynamoDBClient);
  kinesis = cloud.client(K.KinesisClient, { requestHandler: new NodeHttpHandler() });
  kms = cloud.client(KMSClient);
  KeyId = (await kms.send(new CreateKeyCommand({}))).KeyMetadata!.Arn!;
});
after(() => cloud.close());

const kindAttribute = { AttributeName: 'kind', AttributeType: 'S' as const };

async function create(TableName: string, SSESpecification?: D.SSESpecification): Promise<void> {
  await createTable(
    client,
    new D.CreateTableCommand({
      TableName,
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
      SSESpecification,
    }),
  );
}

const put = (TableName: string): Promise<unknown> =>
  client.send(new D.PutItemCommand({ TableName, Item: { id: { S: 'one' }, kind: { S: 'k' } } }));

async function described(TableName: string): Promise<{ table: string | undefined; index: string | undefined }> {
  const { Table } = await client.send(new D.DescribeTableCommand({ TableName }));
  return { table: Table!.TableStatus, index: Table!.GlobalSecondaryIndexes?.[0]?.IndexStatus };
}

async function ids(TableName: string, IndexName?: string): Promise<(string | undefined)[]> {
  return (await client.send(new D.ScanCommand({ TableName, IndexName }))).Items!.map(({ id }) => id?.S);
}

const addIndex = (TableName: string): Promise<unknown> =>
  client.send(
    new D.UpdateTableCommand({
      TableName,
      AttributeDefinitions: [kindAttribute],
      GlobalSecondaryIndexUpdates: [
        { Create: { IndexName: 'byKind', KeySchema: [{ AttributeName: 'kind', KeyType: 'HASH' }], Projection: { ProjectionType: 'ALL' } } },
      ],
    }),
  );

async function backUp(TableName: string): Promise<string> {
  const { BackupDetails } = await client.send(new D.CreateBackupCommand({ TableName, BackupName: 'backup' }));
  await cloud.cloud.settled();
  return BackupDetails!.BackupArn!;
}

async function makeStream(StreamName: string): Promise<string> {
  await kinesis.send(new K.CreateStreamCommand({ StreamName, ShardCount: 1 }));
  await cloud.cloud.settled();
  const { StreamDescriptionSummary } = await kinesis.send(new K.DescribeStreamSummaryCommand({ StreamName }));
  return StreamDescriptionSummary!.StreamARN!;
}

async function follow(TableName: string, StreamName: string): Promise<void> {
  const StreamArn = await makeStream(StreamName);
  await client.send(new D.EnableKinesisStreamingDestinationCommand({ TableName, StreamArn }));
  await cloud.cloud.settled();
}

/** The tables whose changes a stream has got. */
async function arrived(StreamName: string): Promise<string[]> {
  const { Shards } = await kinesis.send(new K.ListShardsCommand({ StreamName }));
  const place = { StreamName, ShardId: Shards![0]!.ShardId, ShardIteratorType: 'TRIM_HORIZON' as const };
  const { ShardIterator } = await kinesis.send(new K.GetShardIteratorCommand(place));
  const { Records } = await kinesis.send(new K.GetRecordsCommand({ ShardIterator }));
  return Records!.map(({ Data }) => (JSON.parse(Buffer.from(Data!).toString()) as { tableName: string }).tableName);
}

const restore = (BackupArn: string, TargetTableName: string): Promise<unknown> =>
  client.send(new D.RestoreTableFromBackupCommand({ BackupArn, TargetTableName, SSESpecificationOverride: { Enabled: false } }));

test('indexes, restores and Kinesis destinations of other tables go on, and those that wait follow', async () => {
  await create(waiting, { Enabled: true, KMSMasterKeyId: KeyId });
  await create(other);
  for (const name of [waiting, other]) await put(name);
  const backups = [await backUp(waiting), await backUp(other)];
  await follow(waiting, 'lost');
  await follow(other, 'kept');
  await kinesis.send(new K.DeleteStreamCommand({ StreamName: 'lost' }));
  await client.send(new D.DeleteItemCommand({ TableName: waiting, Key: { id: { S: 'one' } } }));
  await put(waiting);
  await kms.send(new DisableKeyCommand({ KeyId }));
  await cloud.advance(fiveMinutes);
  for (const name of [waiting, other]) await addIndex(name);
  await restore(backups[0]!, 'a-restored');
  await restore(backups[1]!, 'b-restored');
  await client.send(new D.DeleteItemCommand({ TableName: other, Key: { id: { S: 'one' } } }));
  await cloud.cloud.settled();
  assert.deepEqual(await described(other), { table: 'ACTIVE', index: 'ACTIVE' });
  assert.equal((await described('b-restored')).table, 'ACTIVE');
  assert.deepEqual(await ids('b-restored'), ['one']);
  assert.deepEqual(await arrived('kept'), [other]);
  assert.deepEqual(await described(waiting), { table: 'INACCESSIBLE_ENCRYPTION_CREDENTIALS', index: 'CREATING' });
  assert.equal((await described('a-restored')).table, 'CREATING');

  await makeStream('lost');
  await kms.send(new EnableKeyCommand({ KeyId }));
  await cloud.advance(fiveMinutes);
  assert.deepEqual(await described(waiting), { table: 'ACTIVE', index: 'ACTIVE' });
  assert.deepEqual(await ids(waiting, 'byKind'), ['one']);
  assert.deepEqual(await ids('a-restored'), ['one']);
  assert.deepEqual(await arrived('lost'), [waiting, waiting]);
});
