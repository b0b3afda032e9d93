/** Backups and point-in-time recovery: a restored table is the old one as of one moment, its indexes too. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as D from '@aws-sdk/client-dynamodb';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
import { createTable } from '../../../../tests/ready-table.ts';

const minute = 60_000;
let cloud: LiveCloud;
let client: D.DynamoDBClient;

before(async () => {
  cloud = await startCloud();
  client = cloud.client(D.DynamoDBClient);
});
after(() => cloud.close());

async function create(TableName: string): Promise<void> {
  await createTable(
    client,
    new D.CreateTableCommand({
      TableName,
      AttributeDefinitions: [
        { AttributeName: 'id', AttributeType: 'S' },
        { AttributeName: 'group', AttributeType: 'S' },
      ],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      GlobalSecondaryIndexes: [
        { IndexName: 'by-group', KeySchema: [{ AttributeName: 'group', KeyType: 'HASH' }], Projection: { ProjectionType: 'ALL' } },
      ],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
}

const put = (TableName: string, id: string, text: string): Promise<unknown> =>
  client.send(
    new D.PutItemCommand({ TableName, Item: { id: { S: id }, group: { S: 'g' }, text: { S: text }, bytes: { B: Buffer.from('b') } } }),
  );

const remove = (TableName: string, id: string): Promise<unknown> =>
  client.send(new D.DeleteItemCommand({ TableName, Key: { id: { S: id } } }));

/** Ids and texts, as the table and its index tell them: they must agree. */
async function contents(TableName: string): Promise<Record<string, string>> {
  const of = async (IndexName?: string): Promise<Record<string, string>> => {
    const { Items } = await client.send(new D.ScanCommand({ TableName, ...(IndexName && { IndexName }) }));
    return Object.fromEntries(Items!.map((item) => [item['id']!.S!, item['text']!.S!]).toSorted());
  };
  const table = await of();
  assert.deepEqual(await of('by-group'), table);
  return table;
}

const describe = async (TableName: string): Promise<D.TableDescription> =>
  (await client.send(new D.DescribeTableCommand({ TableName }))).Table!;

test('a backup holds the table as it was when it was asked for, whatever is written while it is made', async () => {
  await create('kept');
  for (let n = 0; n < 150; n++) await put('kept', `n${n}`, 'old');
  const long = 'x'.repeat(60_000);
  await put('kept', 'long', long);
  const wanted = await contents('kept');
  const { BackupDetails } = await client.send(new D.CreateBackupCommand({ TableName: 'kept', BackupName: 'first' }));
  const BackupArn = BackupDetails!.BackupArn!;
  assert.equal(BackupDetails!.BackupStatus, 'CREATING');
  await Promise.all([
    put('kept', 'n3', 'new'),
    put('kept', 'late', 'new'),
    remove('kept', 'n140'),
    put('kept', 'long', 'short'),
    remove('kept', 'n4').then(() => put('kept', 'n4', 'again')),
  ]);
  await cloud.cloud.settled();
  const { BackupDescription } = await client.send(new D.DescribeBackupCommand({ BackupArn }));
  assert.equal(BackupDescription!.BackupDetails!.BackupStatus, 'AVAILABLE');
  assert.deepEqual(
    BackupDescription!.SourceTableFeatureDetails!.GlobalSecondaryIndexes!.map(({ IndexName }) => IndexName),
    ['by-group'],
  );
  await client.send(new D.DeleteTableCommand({ TableName: 'kept' }));
  const { TableDescription } = await client.send(new D.RestoreTableFromBackupCommand({ BackupArn, TargetTableName: 'restored' }));
  assert.equal(TableDescription!.TableStatus, 'CREATING');
  await cloud.cloud.settled();
  const { TableStatus, RestoreSummary } = await describe('restored');
  assert.deepEqual([TableStatus, RestoreSummary!.SourceBackupArn, RestoreSummary!.RestoreInProgress], ['ACTIVE', BackupArn, false]);
  assert.deepEqual(await contents('restored'), wanted);
  const again = new D.RestoreTableFromBackupCommand({ BackupArn, TargetTableName: 'restored' });
  await refused(client.send(again), 'TableAlreadyExistsException');
});

test('backups are listed and deleted', async () => {
  const { BackupSummaries } = await client.send(new D.ListBackupsCommand({ TableName: 'kept' }));
  assert.deepEqual(
    BackupSummaries!.map(({ BackupName, BackupStatus }) => [BackupName, BackupStatus]),
    [['first', 'AVAILABLE']],
  );
  const BackupArn = BackupSummaries![0]!.BackupArn!;
  const { BackupDescription } = await client.send(new D.DeleteBackupCommand({ BackupArn }));
  assert.equal(BackupDescription!.BackupDetails!.BackupStatus, 'DELETED');
  await refused(client.send(new D.DescribeBackupCommand({ BackupArn })), 'BackupNotFoundException');
  assert.deepEqual((await client.send(new D.ListBackupsCommand({}))).BackupSummaries, []);
});

test('a table goes back to any moment since recovery was turned on', async () => {
  await create('recovered');
  await put('recovered', 'a', '1');
  await put('recovered', 'b', '1');
  const restore = (TargetTableName: string, RestoreDateTime: Date): Promise<unknown> =>
    client.send(new D.RestoreTableToPointInTimeCommand({ SourceTableName: 'recovered', TargetTableName, RestoreDateTime }));
  const now = (): Date => new Date(cloud.cloud.clock.now());
  await refused(restore('none', now()), 'PointInTimeRecoveryUnavailableException');
  const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: true };
  await client.send(new D.UpdateContinuousBackupsCommand({ TableName: 'recovered', PointInTimeRecoverySpecification }));
  await cloud.advance(minute);
  await put('recovered', 'a', '2');
  await remove('recovered', 'b');
  await cloud.advance(minute);
  const moment = now();
  await cloud.advance(minute);
  await put('recovered', 'a', '3');
  await put('recovered', 'c', '1');
  await restore('then', moment);
  await restore('before', new Date(moment.getTime() - 2 * minute));
  await cloud.cloud.settled();
  assert.deepEqual(await contents('then'), { a: '2' });
  assert.deepEqual(await contents('before'), { a: '1', b: '1' });
  assert.deepEqual(await contents('recovered'), { a: '3', c: '1' });
  await refused(restore('none', new Date(moment.getTime() - 60 * minute)), 'InvalidRestoreTimeException');
  const { ContinuousBackupsDescription } = await client.send(new D.DescribeContinuousBackupsCommand({ TableName: 'recovered' }));
  const { PointInTimeRecoveryStatus, RecoveryPeriodInDays } = ContinuousBackupsDescription!.PointInTimeRecoveryDescription!;
  assert.deepEqual([PointInTimeRecoveryStatus, RecoveryPeriodInDays], ['ENABLED', 35]);
});

test('a restored table has the maximum of requests that it is given', async () => {
  await create('unlimited');
  const { BackupDetails } = await client.send(new D.CreateBackupCommand({ TableName: 'unlimited', BackupName: 'backup' }));
  await cloud.cloud.settled();
  const restore = (more: Partial<D.RestoreTableFromBackupCommandInput>): Promise<unknown> =>
    client.send(new D.RestoreTableFromBackupCommand({ BackupArn: BackupDetails!.BackupArn!, TargetTableName: 'limited', ...more }));
  await refused(restore({ OnDemandThroughputOverride: { MaxReadRequestUnits: 0 } }), {
    code: 'ValidationException',
    message: 'Invalid Request: Requested MaxReadRequestUnits for OnDemandThroughput is outside of valid range',
  });
  await restore({ OnDemandThroughputOverride: { MaxReadRequestUnits: 7, MaxWriteRequestUnits: 9 } });
  await cloud.cloud.settled();
  assert.deepEqual((await describe('limited')).OnDemandThroughput, { MaxReadRequestUnits: 7, MaxWriteRequestUnits: 9 });
});

test('a table that is not there is told in the words of backups', async () => {
  const TableName = 'absent';
  const wanted = { code: 'TableNotFoundException', message: 'Table not found: absent' };
  await refused(client.send(new D.CreateBackupCommand({ TableName, BackupName: 'none' })), wanted);
  await refused(client.send(new D.DescribeContinuousBackupsCommand({ TableName })), wanted);
  const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: true };
  await refused(client.send(new D.UpdateContinuousBackupsCommand({ TableName, PointInTimeRecoverySpecification })), wanted);
  await refused(client.send(new D.RestoreTableToPointInTimeCommand({ SourceTableName: TableName, TargetTableName: 'new' })), wanted);
});
