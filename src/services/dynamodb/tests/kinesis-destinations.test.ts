/** Changes of a table arrive in a Kinesis stream; contributor insights are a setting. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as D from '@aws-sdk/client-dynamodb';
import * as K from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
import { createTable } from '../../../../tests/ready-table.ts';

let cloud: LiveCloud;
let client: D.DynamoDBClient;
let kinesis: K.KinesisClient;
let StreamArn: string;
const TableName = 'followed';

before(async () => {
  cloud = await startCloud();
  client = cloud.client(D.DynamoDBClient);
  kinesis = cloud.client(K.KinesisClient, { requestHandler: new NodeHttpHandler() });
  await kinesis.send(new K.CreateStreamCommand({ StreamName: 'changes', ShardCount: 1 }));
  await cloud.cloud.settled();
  const { StreamDescriptionSummary } = await kinesis.send(new K.DescribeStreamSummaryCommand({ StreamName: 'changes' }));
  StreamArn = StreamDescriptionSummary!.StreamARN!;
  await createTable(
    client,
    new D.CreateTableCommand({
      TableName,
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
});
after(() => cloud.close());

const put = (id: string, text: string): Promise<unknown> =>
  client.send(new D.PutItemCommand({ TableName, Item: { id: { S: id }, text: { S: text } } }));

async function arrived(): Promise<any[]> {
  await cloud.cloud.settled();
  const { Shards } = await kinesis.send(new K.ListShardsCommand({ StreamName: 'changes' }));
  const { ShardIterator } = await kinesis.send(
    new K.GetShardIteratorCommand({ StreamName: 'changes', ShardId: Shards![0]!.ShardId, ShardIteratorType: 'TRIM_HORIZON' }),
  );
  const { Records } = await kinesis.send(new K.GetRecordsCommand({ ShardIterator }));
  return Records!.map(({ Data }) => JSON.parse(Buffer.from(Data!).toString()));
}

test('changes arrive in order, long ones too, until the destination is disabled', async () => {
  const gone = new D.EnableKinesisStreamingDestinationCommand({ TableName, StreamArn: `${StreamArn}-gone` });
  await refused(client.send(gone), 'ResourceNotFoundException');
  await put('before', '1');
  const enabled = await client.send(new D.EnableKinesisStreamingDestinationCommand({ TableName, StreamArn }));
  assert.equal(enabled.DestinationStatus, 'ENABLING');
  await refused(client.send(new D.EnableKinesisStreamingDestinationCommand({ TableName, StreamArn })), 'ResourceInUseException');
  await put('a', '1');
  await put('a', 'x'.repeat(50_000));
  await client.send(new D.DeleteItemCommand({ TableName, Key: { id: { S: 'a' } } }));
  const records = await arrived();
  assert.deepEqual(
    records.map(({ eventName, tableName }) => [eventName, tableName]),
    [
      ['INSERT', TableName],
      ['MODIFY', TableName],
      ['REMOVE', TableName],
    ],
  );
  assert.equal(records[1].dynamodb.NewImage.text.S.length, 50_000);
  assert.deepEqual(records[0].dynamodb.Keys, { id: { S: 'a' } });
  const update = new D.UpdateKinesisStreamingDestinationCommand({
    TableName,
    StreamArn,
    UpdateKinesisStreamingConfiguration: { ApproximateCreationDateTimePrecision: 'MICROSECOND' },
  });
  await client.send(update);
  const { KinesisDataStreamDestinations } = await client.send(new D.DescribeKinesisStreamingDestinationCommand({ TableName }));
  assert.deepEqual(KinesisDataStreamDestinations, [
    { StreamArn, DestinationStatus: 'ACTIVE', ApproximateCreationDateTimePrecision: 'MICROSECOND' },
  ]);
  await client.send(new D.DisableKinesisStreamingDestinationCommand({ TableName, StreamArn }));
  await put('after', '1');
  assert.equal((await arrived()).length, 3);
  await refused(client.send(new D.DisableKinesisStreamingDestinationCommand({ TableName, StreamArn })), 'ResourceNotFoundException');
});

test('contributor insights are kept and told, for the table and its indexes', async () => {
  const status = async (): Promise<string | undefined> =>
    (await client.send(new D.DescribeContributorInsightsCommand({ TableName }))).ContributorInsightsStatus;
  assert.equal(await status(), 'DISABLED');
  const disabled = await client.send(new D.DescribeContributorInsightsCommand({ TableName }));
  assert.equal(disabled.ContributorInsightsRuleList, undefined);
  await client.send(new D.UpdateContributorInsightsCommand({ TableName, ContributorInsightsAction: 'ENABLE' }));
  assert.equal(await status(), 'ENABLED');
  const { ContributorInsightsSummaries } = await client.send(new D.ListContributorInsightsCommand({}));
  assert.deepEqual(ContributorInsightsSummaries, [{ TableName, ContributorInsightsStatus: 'ENABLED' }]);
  await refused(client.send(new D.DescribeContributorInsightsCommand({ TableName, IndexName: 'none' })), 'ResourceNotFoundException');
});
