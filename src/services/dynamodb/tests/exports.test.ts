/** Exports to S3: the table as of a moment, or what changed in a window, as AWS lays the objects out. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import * as D from '@aws-sdk/client-dynamodb';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
import { createTable } from '../../../../tests/ready-table.ts';

const minute = 60_000;
const S3Bucket = 'exported';
let cloud: LiveCloud;
let client: D.DynamoDBClient;
let s3: S3Client;

before(async () => {
  cloud = await startCloud();
  client = cloud.client(D.DynamoDBClient);
  s3 = cloud.client(S3Client);
  await s3.send(new CreateBucketCommand({ Bucket: S3Bucket }));
});
after(() => cloud.close());

async function create(TableName: string, recovery = true): Promise<string> {
  const { TableDescription } = await createTable(
    client,
    new D.CreateTableCommand({
      TableName,
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
  const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: recovery };
  if (recovery) await client.send(new D.UpdateContinuousBackupsCommand({ TableName, PointInTimeRecoverySpecification }));
  return TableDescription!.TableArn!;
}

const put = (TableName: string, id: string, text: string): Promise<unknown> =>
  client.send(new D.PutItemCommand({ TableName, Item: { id: { S: id }, text: { S: text } } }));
const remove = (TableName: string, id: string): Promise<unknown> =>
  client.send(new D.DeleteItemCommand({ TableName, Key: { id: { S: id } } }));
const now = (): Date => new Date(cloud.cloud.clock.now());

async function bytesOf(Key: string): Promise<Buffer> {
  return Buffer.from(await (await s3.send(new GetObjectCommand({ Bucket: S3Bucket, Key }))).Body!.transformToByteArray());
}

/** Asks for an export, waits for its end, and reads what it wrote. */
async function exported(input: Omit<D.ExportTableToPointInTimeCommandInput, 'S3Bucket'>) {
  const { ExportDescription } = await client.send(new D.ExportTableToPointInTimeCommand({ S3Bucket, ...input }));
  assert.equal(ExportDescription!.ExportStatus, 'IN_PROGRESS');
  await cloud.cloud.settled();
  const { ExportArn } = ExportDescription!;
  const { ExportDescription: done } = await client.send(new D.DescribeExportCommand({ ExportArn: ExportArn! }));
  assert.equal(done!.ExportStatus, 'COMPLETED', done!.FailureMessage ?? '');
  const summary = JSON.parse((await bytesOf(done!.ExportManifest!)).toString()) as Record<string, any>;
  const manifest = await bytesOf(summary['manifestFilesS3Key']);
  const files = manifest
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const data = await Promise.all(files.map((file) => bytesOf(file.dataFileS3Key)));
  for (const [index, bytes] of data.entries()) assert.equal(createHash('md5').update(bytes).digest('base64'), files[index].md5Checksum);
  const lines = data.flatMap((bytes) =>
    gunzipSync(bytes)
      .toString()
      .split('\n')
      .filter((line) => line !== ''),
  );
  return { description: done!, summary, files, lines };
}

test('a full export is the table as of its moment, whatever is written afterwards', async () => {
  const TableArn = await create('whole');
  for (let n = 0; n < 250; n++) await put('whole', `n${n}`, 'old');
  await cloud.advance(minute);
  const ExportTime = now();
  await cloud.advance(minute);
  await put('whole', 'n1', 'new');
  await put('whole', 'late', 'new');
  await remove('whole', 'n2');
  const { description, summary, files, lines } = await exported({ TableArn, ExportTime, S3Prefix: 'backups/' });
  const items = lines.map((line) => JSON.parse(line).Item);
  assert.equal(items.length, 250);
  assert.ok(items.every(({ text }) => text.S === 'old'));
  assert.deepEqual(
    [description.ItemCount, summary.itemCount, summary.exportType, summary.outputFormat],
    [250, 250, 'FULL_EXPORT', 'DYNAMODB_JSON'],
  );
  assert.equal(summary.exportTime, ExportTime.toISOString());
  const folder = `backups/AWSDynamoDB/${description.ExportArn!.split('/').at(-1)}`;
  assert.match(files[0].dataFileS3Key, new RegExp(`^${folder}/data/[a-z2-7]{26}\\.json\\.gz$`));
  const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: S3Bucket, Prefix: `${folder}/` }));
  const beside = Contents!.map(({ Key }) => Key!.slice(folder.length + 1)).filter((name) => !name.startsWith('data/'));
  assert.deepEqual(beside, ['_started', 'manifest-files.json', 'manifest-files.md5', 'manifest-summary.json', 'manifest-summary.md5']);
});

test('values keep their types in Ion', async () => {
  const TableArn = await create('typed');
  const Item: D.PutItemCommandInput['Item'] = {
    id: { S: 'it\'s "é"\n' },
    'odd name': { N: '-12.50' },
    big: { N: '1e40' },
    null: { NULL: true },
    yes: { BOOL: true },
    bytes: { B: Buffer.from([0, 255]) },
    list: { L: [{ N: '7' }, { M: { deep: { S: 'x' } } }] },
    texts: { SS: ['a', 'b'] },
    numbers: { NS: ['1', '2.5'] },
    blobs: { BS: [Buffer.from('q')] },
  };
  await client.send(new D.PutItemCommand({ TableName: 'typed', Item }));
  const { lines, files } = await exported({ TableArn, ExportFormat: 'ION' });
  assert.match(files[0].dataFileS3Key, /\.ion\.gz$/);
  assert.equal(
    lines[0],
    `$ion_1_0 {Item:{id:"it's \\"é\\"\\n",'odd name':-12.5,big:10000000000000000000000000000000000000000.,'null':null,yes:true,` +
      `bytes:{{AP8=}},list:[7.,{deep:"x"}],texts:$dynamodb_SS::["a","b"],numbers:$dynamodb_NS::[1.,2.5],blobs:$dynamodb_BS::[{{cQ==}}]}}`,
  );
});

test('an incremental export tells of each item what it was before the window and at its end', async () => {
  const TableArn = await create('moving');
  await put('moving', 'changed', 'first');
  await put('moving', 'removed', 'first');
  await put('moving', 'still', 'first');
  await cloud.advance(minute);
  const ExportFromTime = now();
  await put('moving', 'changed', 'second');
  await put('moving', 'changed', 'third');
  await put('moving', 'made', 'first');
  await remove('moving', 'removed');
  await put('moving', 'passing', 'first');
  await remove('moving', 'passing');
  await put('moving', 'kept', 'inside');
  await cloud.advance(20 * minute);
  const ExportToTime = now();
  await put('moving', 'changed', 'too late');
  await put('moving', 'outside', 'too late');
  await remove('moving', 'made');
  const IncrementalExportSpecification = { ExportFromTime, ExportToTime };
  const { lines, files, summary } = await exported({ TableArn, ExportType: 'INCREMENTAL_EXPORT', IncrementalExportSpecification });
  const told = lines.map((line) => JSON.parse(line));
  const shown = Object.fromEntries(told.map(({ Keys, OldImage, NewImage }) => [Keys.id.S, [OldImage?.text.S, NewImage?.text.S]]));
  assert.deepEqual(shown, {
    changed: ['first', 'third'],
    removed: ['first', undefined],
    made: [undefined, 'first'],
    passing: [undefined, undefined],
    kept: [undefined, 'inside'],
  });
  assert.equal(told[0].Metadata.WriteTimestampMicros.N, String(Math.floor(ExportFromTime.getTime() / 1000) * 1_000_000));
  assert.match(files[0].dataFileS3Key, /^AWSDynamoDB\/data\//);
  assert.deepEqual([summary.exportType, summary.outputView, summary.version], ['INCREMENTAL_EXPORT', 'NEW_AND_OLD_IMAGES', '2023-08-01']);
  const newOnly = await exported({
    TableArn,
    ExportType: 'INCREMENTAL_EXPORT',
    ExportFormat: 'ION',
    IncrementalExportSpecification: { ...IncrementalExportSpecification, ExportViewType: 'NEW_IMAGE' },
  });
  assert.ok(
    newOnly.lines.length === 5 && newOnly.lines.every((line) => line.startsWith('$ion_1_0 {Metadata:') && !line.includes('OldImage')),
  );
});

test('a token asks once, and exports are listed', async () => {
  const TableArn = await create('listed');
  const input = { TableArn, S3Bucket, ClientToken: 'same' };
  const [one, two] = [
    await client.send(new D.ExportTableToPointInTimeCommand(input)),
    await client.send(new D.ExportTableToPointInTimeCommand(input)),
  ];
  assert.equal(one.ExportDescription!.ExportArn, two.ExportDescription!.ExportArn);
  await refused(client.send(new D.ExportTableToPointInTimeCommand({ ...input, ExportFormat: 'ION' })), {
    code: 'ExportConflictException',
    message: /other parameters/,
  });
  await cloud.advance(1000);
  await exported({ TableArn });
  const first = await client.send(new D.ListExportsCommand({ TableArn, MaxResults: 1 }));
  const second = await client.send(new D.ListExportsCommand({ TableArn, MaxResults: 1, NextToken: first.NextToken! }));
  assert.deepEqual(
    [...first.ExportSummaries!, ...second.ExportSummaries!].map(({ ExportStatus }) => ExportStatus),
    ['COMPLETED', 'COMPLETED'],
  );
  assert.equal(second.NextToken, undefined);
});

test('what cannot be exported is refused, and what S3 refuses fails the export', async () => {
  const TableArn = await create('refusing');
  const bare = await create('bare', false);
  const ask = (input: Partial<D.ExportTableToPointInTimeCommandInput>) =>
    client.send(new D.ExportTableToPointInTimeCommand({ TableArn, S3Bucket, ...input }));
  await refused(ask({ TableArn: bare }), { code: 'PointInTimeRecoveryUnavailableException', message: /not enabled/ });
  await refused(ask({ TableArn: `${bare}x` }), { code: 'TableNotFoundException', message: /not found/ });
  await refused(ask({ ExportTime: new Date(0) }), { code: 'InvalidExportTimeException', message: /outside/ });
  await refused(ask({ ExportType: 'INCREMENTAL_EXPORT' }), { code: 'ValidationException', message: /ExportFromTime/ });
  await refused(ask({ ExportFormat: 'CSV' as never }), { code: 'ValidationException', message: /exportFormat/ });
  await refused(client.send(new D.DescribeExportCommand({ ExportArn: `${TableArn}/export/01234567890123-a1b2c3d4` })), {
    code: 'ExportNotFoundException',
    message: /not found/,
  });
  const failed = async (asking: Promise<D.ExportTableToPointInTimeCommandOutput>) => {
    const { ExportArn } = (await asking).ExportDescription!;
    await cloud.cloud.settled();
    const { ExportDescription } = await client.send(new D.DescribeExportCommand({ ExportArn: ExportArn! }));
    return [ExportDescription!.ExportStatus, ExportDescription!.FailureCode];
  };
  assert.deepEqual(await failed(ask({ S3Bucket: 'nobody-made-this' })), ['FAILED', 'S3NoSuchBucket']);
  assert.deepEqual(await failed(ask({ S3BucketOwner: '999999999999' })), ['FAILED', 'S3AccessDenied']);
  const iam = cloud.client(IAMClient);
  await iam.send(new CreateUserCommand({ UserName: 'exporter' }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'exporter' }));
  const user = cloud.client(D.DynamoDBClient, {
    credentials: { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! },
  });
  const asUser = () => user.send(new D.ExportTableToPointInTimeCommand({ TableArn, S3Bucket }));
  await refused(asUser(), { code: 'AccessDeniedException', message: /dynamodb:ExportTableToPointInTime/ });
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'dynamodb:*', Resource: '*' }] });
  await iam.send(new PutUserPolicyCommand({ UserName: 'exporter', PolicyName: 'p', PolicyDocument }));
  assert.deepEqual(await failed(asUser()), ['FAILED', 'S3AccessDenied']);
});
