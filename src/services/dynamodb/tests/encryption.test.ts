/** Tables with a KMS key: what lies on the disk, and who may read it. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  CreateBackupCommand,
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  RestoreTableFromBackupCommand,
  UpdateTableCommand,
  type CreateTableCommandInput,
  type SSESpecification,
} from '@aws-sdk/client-dynamodb';
import { DescribeStreamCommand, DynamoDBStreamsClient, GetRecordsCommand, GetShardIteratorCommand } from '@aws-sdk/client-dynamodb-streams';
import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { CreateKeyCommand, DisableKeyCommand, EnableKeyCommand, KMSClient, ListGrantsCommand } from '@aws-sdk/client-kms';
import { allowedUser } from '../../../../tests/allowed-user.ts';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
import { below } from '../../../store/keys.ts';
import { itemParts, items, tableKeys } from '../tables.ts';

let cloud: LiveCloud;
let client: DynamoDBClient;
let kms: KMSClient;
before(async () => {
  cloud = await startCloud();
  client = cloud.client(DynamoDBClient);
  kms = cloud.client(KMSClient);
});
after(() => cloud.close());

const secret = 'do-not-show-this';
const fiveMinutes = 301_000;

async function newKey(): Promise<string> {
  return (await kms.send(new CreateKeyCommand({}))).KeyMetadata!.Arn!;
}

async function table(TableName: string, SSESpecification?: SSESpecification, more: Partial<CreateTableCommandInput> = {}): Promise<void> {
  const AttributeDefinitions = [
    { AttributeName: 'id', AttributeType: 'S' as const },
    { AttributeName: 'kind', AttributeType: 'S' as const },
  ];
  const index = { IndexName: 'byKind', KeySchema: [{ AttributeName: 'kind', KeyType: 'HASH' as const }] };
  await client.send(
    new CreateTableCommand({
      TableName,
      AttributeDefinitions,
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
      GlobalSecondaryIndexes: [{ ...index, Projection: { ProjectionType: 'ALL' } }],
      ...(SSESpecification && { SSESpecification }),
      ...more,
    }),
  );
  await described(TableName);
}

const described = async (TableName: string) => (await client.send(new DescribeTableCommand({ TableName }))).Table!;
const put = (TableName: string, id: string, word = secret) =>
  client.send(new PutItemCommand({ TableName, Item: { id: { S: id }, kind: { S: 'k' }, word: { S: word } } }));
const get = async (TableName: string, id: string, as = client): Promise<string | undefined> =>
  (await as.send(new GetItemCommand({ TableName, Key: { id: { S: id } } }))).Item?.['word']?.S;

async function byKind(TableName: string): Promise<(string | undefined)[]> {
  const asked = { KeyConditionExpression: 'kind = :k', ExpressionAttributeValues: { ':k': { S: 'k' } } };
  return (await client.send(new QueryCommand({ TableName, IndexName: 'byKind', ...asked }))).Items!.map(({ word }) => word?.S);
}

/** How many values of the store show a text. */
async function shown(text: string): Promise<number> {
  const rows = await cloud.cloud.store.read(async (tx) => [
    ...(await tx.range({ ...below(items.prefix), limit: 10_000 })),
    ...(await tx.range({ ...below(itemParts.prefix), limit: 10_000 })),
  ]);
  return rows.filter(([, value]) => value.includes(text)).length;
}

const user = (name: string, ...actions: string[]) => allowedUser(cloud, name, ...actions);

test('items, long ones and index entries lie sealed, and are read by who may use the key', async () => {
  const KMSMasterKeyId = await newKey();
  const word = `first-${secret}`;
  await table('sealed', { Enabled: true, SSEType: 'KMS', KMSMasterKeyId });
  const { SSEDescription } = await described('sealed');
  assert.deepEqual(SSEDescription, { Status: 'ENABLED', SSEType: 'KMS', KMSMasterKeyArn: KMSMasterKeyId });
  await put('sealed', 'a', word);
  const long = `${word}${'x'.repeat(100_000)}`;
  await put('sealed', 'long', long);
  assert.equal(await shown(word), 0);
  assert.equal(await get('sealed', 'long'), long);
  assert.deepEqual((await byKind('sealed')).sort(), [word, long]);
  const stranger = cloud.client(DynamoDBClient, await user('stranger', 'dynamodb:*'));
  await refused(get('sealed', 'a', stranger), 'AccessDeniedException');
  const reader = cloud.client(DynamoDBClient, await user('reader', 'dynamodb:*', 'kms:Decrypt'));
  assert.equal(await get('sealed', 'a', reader), word);
  // Who may not read the table hears so, and nothing of its key.
  const nobody = cloud.client(DynamoDBClient, await user('nobody', 'dynamodb:DescribeTable'));
  await refused(get('sealed', 'a', nobody), { code: 'AccessDeniedException', message: /not authorized to perform: dynamodb:GetItem/ });
});

test('the key that AWS keeps serves everyone of the account who may use the table', async () => {
  await table('managed', { Enabled: true });
  await put('managed', 'a');
  const anyone = cloud.client(DynamoDBClient, await user('anyone', 'dynamodb:*'));
  assert.equal(await get('managed', 'a', anyone), secret);
  assert.match((await described('managed')).SSEDescription!.KMSMasterKeyArn!, /^arn:aws:kms:us-east-1:\d{12}:key\//);
});

test('a key that is disabled makes its table inaccessible, until it is enabled again', async () => {
  const KeyId = await newKey();
  await table('stopped', { Enabled: true, KMSMasterKeyId: KeyId });
  await put('stopped', 'a');
  await kms.send(new DisableKeyCommand({ KeyId }));
  await cloud.advance(fiveMinutes);
  await refused(get('stopped', 'a'), { code: 'AccessDeniedException', message: `KMS key access denied error: ${KeyId} is disabled.` });
  await refused(put('stopped', 'b'), 'AccessDeniedException');
  const { TableStatus, SSEDescription } = await described('stopped');
  assert.equal(TableStatus, 'INACCESSIBLE_ENCRYPTION_CREDENTIALS');
  assert.ok(SSEDescription!.InaccessibleEncryptionDateTime);
  await kms.send(new EnableKeyCommand({ KeyId }));
  await cloud.advance(fiveMinutes);
  assert.equal(await get('stopped', 'a'), secret);
  assert.equal((await described('stopped')).TableStatus, 'ACTIVE');
});

test('DynamoDB’s own work asks KMS once in five minutes for each table, whatever other tables come', async () => {
  const KMSMasterKeyId = await newKey();
  for (const name of ['once', 'another', 'third']) {
    await table(name, { Enabled: true, KMSMasterKeyId });
    await cloud.cloud.settled();
  }
  const decrypts = { LookupAttributes: [{ AttributeKey: 'EventName' as const, AttributeValue: 'Decrypt' }] };
  const asked = async () => {
    const { Events } = await cloud.client(CloudTrailClient).send(new LookupEventsCommand(decrypts));
    return Events!.filter(({ CloudTrailEvent: told }) => told!.includes('"aws:dynamodb:tableName":"once"')).length;
  };
  assert.equal(await asked(), 1);
  await cloud.advance(fiveMinutes);
  assert.equal(await asked(), 2);
});

test('a key that is not there, or is disabled, is refused', async () => {
  const missing = { Enabled: true, KMSMasterKeyId: 'alias/none' };
  await refused(table('none', missing), 'ValidationException');
  const KMSMasterKeyId = await newKey();
  await kms.send(new DisableKeyCommand({ KeyId: KMSMasterKeyId }));
  await refused(table('none', { Enabled: true, KMSMasterKeyId }), 'ValidationException');
  await refused(table('none', { Enabled: false, KMSMasterKeyId }), 'ValidationException');
});

test('a table gets a key, another one, and the cloud’s own again', async () => {
  const word = `later-${secret}`;
  await table('changing');
  for (const id of ['a', 'b', 'c']) await put('changing', id, word);
  assert.equal(await shown(word), 6);
  const change = (wanted: SSESpecification) => client.send(new UpdateTableCommand({ TableName: 'changing', SSESpecification: wanted }));
  const [one, two] = [await newKey(), await newKey()];
  const answer = await change({ Enabled: true, KMSMasterKeyId: one });
  assert.equal(answer.TableDescription!.SSEDescription!.Status, 'UPDATING');
  await cloud.cloud.settled();
  assert.equal((await described('changing')).SSEDescription!.Status, 'ENABLED');
  assert.equal(await shown(word), 0);
  await refused(change({ Enabled: true, KMSMasterKeyId: one }), {
    code: 'ValidationException',
    message: 'One or more parameter values were invalid: Table is already encrypted by given KMSMasterKeyId',
  });
  await change({ Enabled: true, KMSMasterKeyId: two });
  assert.deepEqual((await kms.send(new ListGrantsCommand({ KeyId: one }))).Grants, []);
  await kms.send(new DisableKeyCommand({ KeyId: one }));
  await cloud.advance(fiveMinutes);
  assert.deepEqual(await byKind('changing'), [word, word, word]);
  await change({ Enabled: false });
  await kms.send(new DisableKeyCommand({ KeyId: two }));
  await cloud.advance(fiveMinutes);
  assert.equal(await get('changing', 'a'), word);
  const left = await described('changing');
  assert.deepEqual([left.SSEDescription, left.TableStatus], [undefined, 'ACTIVE']);
});

test('backups stay sealed, and are restored under the same KMS key, another one or none', async () => {
  const word = `kept-${secret}`;
  const [own, other] = [await newKey(), await newKey()];
  await table('source', { Enabled: true, KMSMasterKeyId: own });
  await put('source', 'a', word);
  const { BackupDetails } = await client.send(new CreateBackupCommand({ TableName: 'source', BackupName: 'backup' }));
  await cloud.cloud.settled();
  const restore = (TargetTableName: string, SSESpecificationOverride?: SSESpecification) =>
    client.send(new RestoreTableFromBackupCommand({ TargetTableName, BackupArn: BackupDetails!.BackupArn, SSESpecificationOverride }));
  await restore('same');
  await restore('other', { Enabled: true, KMSMasterKeyId: other });
  await cloud.cloud.settled();
  assert.equal(await shown(word), 0);
  assert.equal((await described('same')).SSEDescription!.KMSMasterKeyArn, own);
  assert.equal((await described('other')).SSEDescription!.KMSMasterKeyArn, other);
  for (const name of ['same', 'other']) assert.deepEqual([await get(name, 'a'), await byKind(name)], [word, [word]]);
  await restore('plain', { Enabled: false });
  await cloud.cloud.settled();
  assert.equal((await described('plain')).SSEDescription, undefined);
  assert.equal(await get('plain', 'a'), word);
});

test('records of the stream lie sealed; key and grant go a day after the table', async () => {
  const word = `told-${secret}`;
  const KeyId = await newKey();
  const StreamSpecification = { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' as const };
  await table('streaming', { Enabled: true, KMSMasterKeyId: KeyId }, { StreamSpecification });
  await put('streaming', 'a', word);
  assert.equal(await shown(word), 0);
  const { LatestStreamArn: StreamArn } = await described('streaming');
  const keysOf = async () => (await cloud.cloud.store.read((tx) => tableKeys.scan(tx))).filter(({ row }) => row.keyArn === KeyId).length;
  const grants = async () => (await kms.send(new ListGrantsCommand({ KeyId }))).Grants!.length;
  await client.send(new DeleteTableCommand({ TableName: 'streaming' }));
  const streams = cloud.client(DynamoDBStreamsClient);
  const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
  const { ShardId } = StreamDescription!.Shards![0]!;
  const { ShardIterator } = await streams.send(new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' }));
  const { Records } = await streams.send(new GetRecordsCommand({ ShardIterator }));
  assert.equal(Records![0]!.dynamodb!.NewImage!['word']!.S, word);
  assert.deepEqual([await keysOf(), await grants()], [1, 1]);
  await cloud.advance(fiveMinutes);
  await cloud.advance(26 * 3_600_000);
  await cloud.advance(fiveMinutes);
  assert.deepEqual([await keysOf(), await grants()], [0, 0]);
});

test('a process that begins anew reads what lies sealed, and its own work goes on', async () => {
  const first = await startCloud();
  const { KeyMetadata } = await first.client(KMSClient).send(new CreateKeyCommand({}));
  const [outer, one] = [client, first.client(DynamoDBClient)];
  client = one;
  try {
    await table('lasting', { Enabled: true, KMSMasterKeyId: KeyMetadata!.Arn });
    await put('lasting', 'a');
    await first.close({ keep: true });
    const second = await startCloud({ dataDirectory: first.dataDirectory });
    client = second.client(DynamoDBClient);
    assert.equal(await get('lasting', 'a'), secret);
    await second.close();
  } finally {
    client = outer;
  }
});
