/** Imports from S3: a new table out of objects of each format, and what becomes of entries that fit no table. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gunzipSync, gzipSync, zstdCompressSync } from 'node:zlib';
import * as D from '@aws-sdk/client-dynamodb';
import { CreateKeyCommand, KMSClient, ListGrantsCommand } from '@aws-sdk/client-kms';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
import { createTable } from '../../../../tests/ready-table.ts';
import { below } from '../../../store/keys.ts';
import { items } from '../tables.ts';

const S3Bucket = 'imported';
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

const place = (Key: string, Body: string | Uint8Array): Promise<unknown> => s3.send(new PutObjectCommand({ Bucket: S3Bucket, Key, Body }));

function wish(TableName: string, S3KeyPrefix: string, more: Partial<D.ImportTableCommandInput> = {}): D.ImportTableCommandInput {
  return {
    S3BucketSource: { S3Bucket, S3KeyPrefix },
    InputFormat: 'DYNAMODB_JSON',
    TableCreationParameters: {
      TableName,
      AttributeDefinitions: [
        { AttributeName: 'id', AttributeType: 'N' },
        { AttributeName: 'group', AttributeType: 'S' },
      ],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      GlobalSecondaryIndexes: [
        { IndexName: 'by-group', KeySchema: [{ AttributeName: 'group', KeyType: 'HASH' }], Projection: { ProjectionType: 'ALL' } },
      ],
      BillingMode: 'PAY_PER_REQUEST',
    },
    ...more,
  };
}

/** Imports and waits for the end. */
async function imported(input: D.ImportTableCommandInput): Promise<D.ImportTableDescription> {
  const { ImportTableDescription } = await client.send(new D.ImportTableCommand(input));
  assert.equal(ImportTableDescription!.ImportStatus, 'IN_PROGRESS');
  await cloud.cloud.settled();
  const { ImportArn } = ImportTableDescription!;
  return (await client.send(new D.DescribeImportCommand({ ImportArn: ImportArn! }))).ImportTableDescription!;
}

async function contents(TableName: string): Promise<D.ScanCommandOutput['Items']> {
  const { Items } = await client.send(new D.ScanCommand({ TableName }));
  const { Items: indexed } = await client.send(new D.ScanCommand({ TableName, IndexName: 'by-group' }));
  assert.equal(indexed!.length, Items!.filter((item) => item['group']).length);
  return Items!.toSorted((a, b) => Number(a['id']!.N) - Number(b['id']!.N));
}

const counts = ({ ImportStatus, ProcessedItemCount, ImportedItemCount, ErrorCount }: D.ImportTableDescription) => [
  ImportStatus,
  ProcessedItemCount,
  ImportedItemCount,
  ErrorCount,
];

test('all objects under a prefix make one table, and what is no item is counted as an error', async () => {
  const lines = Array.from({ length: 150 }, (_, n) =>
    JSON.stringify({ Item: { id: { N: String(n) }, group: { S: 'g' }, bytes: { B: 'AP8=' } } }),
  );
  await place('json/a.json', lines.slice(0, 120).join('\n'));
  await place('json/b.json', `${lines.slice(120).join('\n')}\n`);
  const wrong = [
    'not json',
    '{"Item":{"id":{"S":"text"}}}',
    '{"Item":{"id":{"N":"1"},"x":{"N":5}}}',
    '{"Item":{"id":{"N":"1"},"group":{"S":""}}}',
    '{}',
  ];
  await place('json/c.json', wrong.join('\n'));
  await place('other.json', lines[0]!);
  const done = await imported(wish('many', 'json/'));
  assert.deepEqual([...counts(done), done.FailureCode], ['FAILED', 155, 150, 5, 'ItemValidationError']);
  const items = await contents('many');
  assert.equal(items!.length, 150);
  assert.deepEqual(items![7], { id: { N: '7' }, group: { S: 'g' }, bytes: { B: new Uint8Array([0, 255]) } });
  const { Table } = await client.send(new D.DescribeTableCommand({ TableName: 'many' }));
  assert.equal(Table!.TableStatus, 'ACTIVE');
});

test('GZIP and ZSTD are unpacked, and the last of two items with one key stays', async () => {
  const text = '{"Item":{"id":{"N":"1"},"group":{"S":"old"}}}\n{"Item":{"id":{"N":"1"},"group":{"S":"new"}}}\n';
  await place('gz/a', gzipSync(text));
  await place('zstd/a', zstdCompressSync(text));
  for (const InputCompressionType of ['GZIP', 'ZSTD'] as const) {
    const name = InputCompressionType === 'GZIP' ? 'gz' : 'zstd';
    assert.deepEqual(counts(await imported(wish(`packed-${name}`, `${name}/`, { InputCompressionType }))), ['COMPLETED', 2, 2, 0]);
    assert.deepEqual(await contents(`packed-${name}`), [{ id: { N: '1' }, group: { S: 'new' } }]);
    const failed = await imported(wish(`plain-${name}`, 'json/', { InputCompressionType }));
    assert.deepEqual([failed.ImportStatus, failed.FailureCode], ['FAILED', 'InvalidCompression']);
  }
});

test('CSV has its names in the first line or in the request, and texts but for keys', async () => {
  await place('csv/a.csv', 'id;group;note\n1;x;"a;b"\n2;;\nthree;y;z\n');
  const Csv = { Delimiter: ';' };
  assert.deepEqual(counts(await imported(wish('named', 'csv/', { InputFormat: 'CSV', InputFormatOptions: { Csv } }))), ['FAILED', 3, 2, 1]);
  assert.deepEqual(await contents('named'), [{ id: { N: '1' }, group: { S: 'x' }, note: { S: 'a;b' } }, { id: { N: '2' } }]);
  await place('bare/a.csv', '7,g\r\n8,h\r\n');
  const HeaderList = ['id', 'group'];
  await imported(wish('headed', 'bare/', { InputFormat: 'CSV', InputFormatOptions: { Csv: { HeaderList } } }));
  assert.deepEqual(await contents('headed'), [
    { id: { N: '7' }, group: { S: 'g' } },
    { id: { N: '8' }, group: { S: 'h' } },
  ]);
});

test('what was exported in Ion comes back as it was', async () => {
  const Item: D.PutItemCommandInput['Item'] = {
    id: { N: '1' },
    "it's": { S: 'é "q" \n' },
    huge: { N: '12300000000000000000000' },
    none: { NULL: true },
    no: { BOOL: false },
    bytes: { B: new Uint8Array([1, 2]) },
    list: { L: [{ L: [] }, { M: {} }] },
    texts: { SS: ['a', 'b'] },
    numbers: { NS: ['1', '2.5'] },
    blobs: { BS: [new Uint8Array([9])] },
  };
  const TableName = 'source';
  const { TableDescription } = await createTable(
    client,
    new D.CreateTableCommand({ ...wish(TableName, '').TableCreationParameters! } as D.CreateTableCommandInput),
  );
  await client.send(
    new D.UpdateContinuousBackupsCommand({ TableName, PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }),
  );
  await client.send(new D.PutItemCommand({ TableName, Item }));
  const input = { TableArn: TableDescription!.TableArn!, S3Bucket, S3Prefix: 'ion', ExportFormat: 'ION' } as const;
  const { ExportDescription } = await client.send(new D.ExportTableToPointInTimeCommand(input));
  await cloud.cloud.settled();
  const prefix = `ion/AWSDynamoDB/${ExportDescription!.ExportArn!.split('/').at(-1)}/data/`;
  assert.deepEqual(counts(await imported(wish('back', prefix, { InputFormat: 'ION', InputCompressionType: 'GZIP' }))), [
    'COMPLETED',
    1,
    1,
    0,
  ]);
  assert.deepEqual(await contents('back'), [Item]);
  await place(
    'written/a.ion',
    "$ion_1_0\n{Item:{id:2, // a note\n  group:'''long ''' '''text''', n: 1.5d3}}\n{Item:{id:2007-01-01T}}\n{Item:",
  );
  assert.deepEqual(counts(await imported(wish('written', 'written/', { InputFormat: 'ION' }))), ['FAILED', 3, 1, 2]);
  assert.deepEqual(await contents('written'), [{ id: { N: '2' }, group: { S: 'long text' }, n: { N: '1500' } }]);
});

test('an import that finds nothing, or nothing of use, fails and leaves an empty table', async () => {
  const nothing = await imported(wish('empty', 'nowhere/'));
  assert.deepEqual([nothing.ImportStatus, nothing.FailureCode], ['FAILED', 'S3NoSuchKey']);
  await place('useless/a', 'x\ny\n');
  const useless = await imported(wish('useless', 'useless/'));
  assert.deepEqual([...counts(useless), useless.FailureCode], ['FAILED', 2, 0, 2, 'ItemValidationError']);
  assert.deepEqual(await contents('useless'), []);
  await s3.send(new CreateBucketCommand({ Bucket: 'hollow' }));
  const hollow = await imported({ ...wish('hollow', ''), S3BucketSource: { S3Bucket: 'hollow' } });
  assert.deepEqual([...counts(hollow), await contents('hollow')], ['COMPLETED', 0, 0, 0, []]);
  const nobucket = await imported({ ...wish('nobucket', ''), S3BucketSource: { S3Bucket: 'nobody-made-this' } });
  assert.deepEqual([nobucket.ImportStatus, nobucket.FailureCode], ['FAILED', 'S3NoSuchBucket']);
});

test('a token asks once, tables are not overwritten, and imports are listed', async () => {
  await refused(client.send(new D.ImportTableCommand(wish('empty', 'json/'))), {
    code: 'ResourceInUseException',
    message: /already exists/,
  });
  const input = wish('once', 'json/', { ClientToken: 'same' });
  const [one, two] = [await client.send(new D.ImportTableCommand(input)), await client.send(new D.ImportTableCommand(input))];
  assert.equal(one.ImportTableDescription!.ImportArn, two.ImportTableDescription!.ImportArn);
  await refused(client.send(new D.ImportTableCommand({ ...input, InputFormat: 'ION' })), {
    code: 'ImportConflictException',
    message: /other parameters/,
  });
  const wrong = wish('wrong', 'x', { InputFormat: 'XML' as never, InputFormatOptions: { Csv: { Delimiter: '!' } } });
  await refused(client.send(new D.ImportTableCommand(wrong)), { code: 'ValidationException', message: /inputFormat.*delimiter/ });
  const ImportArn = `${one.ImportTableDescription!.TableArn!}/import/01234567890123-a1b2c3d4`;
  await refused(client.send(new D.DescribeImportCommand({ ImportArn })), { code: 'ImportNotFoundException', message: /not found/ });
  await cloud.cloud.settled();
  const first = await client.send(new D.ListImportsCommand({ PageSize: 2 }));
  const next = await client.send(new D.ListImportsCommand({ PageSize: 25, NextToken: first.NextToken! }));
  assert.equal(
    new Set([...first.ImportSummaryList!, ...next.ImportSummaryList!].map((one) => one.ImportArn)).size,
    2 + next.ImportSummaryList!.length,
  );
  const { ImportSummaryList } = await client.send(new D.ListImportsCommand({ TableArn: one.ImportTableDescription!.TableArn! }));
  assert.deepEqual(
    ImportSummaryList!.map(({ ImportStatus }) => ImportStatus),
    ['FAILED'],
  );
});

test('a table that is imported with a KMS key lies sealed from its first row on', async () => {
  const word = 'imported-secret';
  await place('sealed/a.json', JSON.stringify({ Item: { id: { N: '1' }, group: { S: 'g' }, word: { S: word } } }));
  const { KeyMetadata } = await cloud.client(KMSClient).send(new CreateKeyCommand({}));
  const plain = wish('sealed-import', 'sealed/');
  const SSESpecification = { Enabled: true, SSEType: 'KMS' as const, KMSMasterKeyId: KeyMetadata!.Arn! };
  const input = {
    ...plain,
    ClientToken: 'once',
    TableCreationParameters: { ...plain.TableCreationParameters!, SSESpecification },
  };
  assert.deepEqual(counts(await imported(input)), ['COMPLETED', 1, 1, 0]);
  const { Table } = await client.send(new D.DescribeTableCommand({ TableName: 'sealed-import' }));
  assert.equal(Table!.SSEDescription!.KMSMasterKeyArn, KeyMetadata!.Arn);
  assert.equal((await contents('sealed-import'))![0]!['word']!.S, word);
  const rows = await cloud.cloud.store.read((tx) => tx.range({ ...below(items.prefix), limit: 10_000 }));
  assert.ok(rows.some(([, value]) => value.startsWith('[3,')));
  assert.ok(!rows.some(([, value]) => value.includes(word)));
  // The same token asks for nothing new, so no other grant of the key is made.
  await client.send(new D.ImportTableCommand(input));
  const { Grants } = await cloud.client(KMSClient).send(new ListGrantsCommand({ KeyId: KeyMetadata!.Arn! }));
  assert.equal(Grants!.length, 1);
});

/** A table for bulk operations: `id` and the index by `group`. */
const bulkTable = (TableName: string): Promise<unknown> =>
  createTable(client, new D.CreateTableCommand(wish(TableName, '').TableCreationParameters! as D.CreateTableCommandInput));

const bulk = (TableName: string, S3KeyPrefix: string, more: Partial<D.StartBulkPutItemsCommandInput> = {}) =>
  client.send(
    new D.StartBulkPutItemsCommand({
      TableName,
      InputS3Configuration: { S3Bucket, S3KeyPrefix, InputFormat: 'DYNAMODB_JSON' },
      OutputS3Configuration: { S3Bucket, S3KeyPrefix: 'told', OutputType: ['ERROR', 'CONDITION_CHECK_FAILURE'] },
      ...more,
    }),
  );

const told = async (BulkOperationArn: string): Promise<D.BulkOperationDescription> =>
  (await client.send(new D.DescribeBulkOperationCommand({ BulkOperationArn }))).BulkOperationDescription!;

async function reported(arn: string): Promise<Record<string, unknown[]>> {
  const Prefix = `told/AWSDynamoDB/${arn.split('/').at(-1)}/`;
  const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: S3Bucket, Prefix }));
  const lines: Record<string, unknown[]> = {};
  for (const { Key } of Contents!) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: S3Bucket, Key: Key! }));
    const bytes = await Body!.transformToByteArray();
    const text = Key!.endsWith('.gz') ? gunzipSync(bytes).toString() : Buffer.from(bytes).toString();
    lines[Key!.slice(Prefix.length)] =
      text.trim() === '' || Key!.endsWith('.md5')
        ? []
        : text
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line) as unknown);
  }
  return lines;
}

test('a bulk operation puts items into a table that is there, under their conditions, and reports the rest', async () => {
  await bulkTable('loaded');
  await client.send(new D.PutItemCommand({ TableName: 'loaded', Item: { id: { N: '1' }, group: { S: 'before' } } }));
  const lines = [
    { Item: { id: { N: '1' }, group: { S: 'new' } }, ConditionExpression: 'attribute_not_exists(id)' },
    {
      Item: { id: { N: '2' }, group: { S: 'new' } },
      ConditionExpression: 'attribute_not_exists(#i)',
      ExpressionAttributeNames: { '#i': 'id' },
    },
    { Item: { id: { N: '3' } } },
    { Item: { id: { S: 'text' } } },
    { Item: { id: { N: '4' } }, ConditionExpression: 'nonsense(' },
    { Item: { id: { N: '5' } }, ConditionExpression: 7 },
  ];
  const body = `${lines.map((line) => JSON.stringify(line)).join('\n')}\nno json\n`;
  await place('bulk/a.json', body);
  const { BulkOperationDescription: begun } = await bulk('loaded', 'bulk/');
  assert.equal(begun!.BulkOperationStatus, 'IN_PROGRESS');
  await cloud.cloud.settled();
  const arn = begun!.BulkOperationArn!;
  const done = await told(arn);
  assert.deepEqual(
    [done.BulkOperationStatus, done.ProcessedItemCount, done.FailedItemCount, done.ProcessedInputBytes, done.TotalInputBytes],
    ['COMPLETED_WITH_ERRORS', 7, 4, body.length, body.length],
  );
  const Table = { BulkPutBytes: 16 };
  const GlobalSecondaryIndexes = { 'by-group': { BulkPutBytes: 12 } };
  assert.deepEqual(done.BulkOperationUsage, [{ TableName: 'loaded', BulkPutBytes: 28, Table, GlobalSecondaryIndexes }]);
  assert.deepEqual(await contents('loaded'), [
    { id: { N: '1' }, group: { S: 'before' } },
    { id: { N: '2' }, group: { S: 'new' } },
    { id: { N: '3' } },
  ]);
  const files = await reported(arn);
  const unmet = files['condition-check-failures/000000.json.gz']!;
  assert.deepEqual(unmet, [
    {
      ...{
        S3Key: 'bulk/a.json',
        EntryNumber: 1,
        ErrorCode: 'ConditionalCheckFailedException',
        ErrorMessage: 'The conditional request failed',
      },
      ...{ Item: lines[0]!.Item, ExistingItem: { id: { N: '1' }, group: { S: 'before' } } },
    },
  ]);
  const errors = files['errors/000000.json.gz'] as { EntryNumber: number; ErrorCode: string }[];
  assert.deepEqual(
    errors.map(({ EntryNumber, ErrorCode }) => [EntryNumber, ErrorCode]),
    [
      [4, 'ValidationException'],
      [5, 'ValidationException'],
      [6, 'ParseError'],
      [7, 'ParseError'],
    ],
  );
  const [manifest] = files['manifest.json'] as { files: { itemCount: number }[]; conditionCheckFailureCount: number }[];
  assert.deepEqual([manifest!.files.map(({ itemCount }) => itemCount), manifest!.conditionCheckFailureCount], [[4, 1], 1]);
});

test('a bulk operation reads Ion and packed objects, goes no faster than it may, and is cancelled', async () => {
  await bulkTable('bulk-ion');
  await place(
    'bulk-ion/a',
    gzipSync('$ion_1_0 {Item:{id:1.,group:"x"},ConditionExpression:"attribute_not_exists(id)"}\n$ion_1_0 {Item:{id:2.}}\n'),
  );
  await place('bulk-ion/b', 'not packed');
  const ion = { S3Bucket, S3KeyPrefix: 'bulk-ion/', InputFormat: 'ION', InputCompressionType: 'GZIP' } as const;
  const { BulkOperationDescription: packed } = await bulk('bulk-ion', '', { InputS3Configuration: ion });
  await cloud.cloud.settled();
  const read = await told(packed!.BulkOperationArn!);
  assert.deepEqual([read.BulkOperationStatus, read.ProcessedItemCount, read.FailedItemCount], ['COMPLETED_WITH_ERRORS', 3, 1]);
  assert.equal((await contents('bulk-ion'))!.length, 2);
  await bulkTable('slow-load');
  const many = Array.from({ length: 2500 }, (_, n) => JSON.stringify({ Item: { id: { N: String(n) } } }));
  await place('slow/a', many.join('\n'));
  const { BulkOperationDescription: slow } = await bulk('slow-load', 'slow/', { MaxWriteRequestUnits: 1024, ClientToken: 'slowly' });
  const arn = slow!.BulkOperationArn!;
  await cloud.cloud.settled();
  const some = (await told(arn)).ProcessedItemCount!;
  assert.ok(some >= 1024 && some < 1200, `${some} in one second`);
  await cloud.advance(1_000);
  await cloud.cloud.settled();
  const more = (await told(arn)).ProcessedItemCount!;
  assert.ok(more > some && more < 2400, `${more} in two seconds`);
  const { BulkOperationStatus } = await client.send(new D.CancelBulkOperationCommand({ BulkOperationArn: arn }));
  assert.equal(BulkOperationStatus, 'CANCELLING');
  await cloud.cloud.settled();
  const end = await told(arn);
  assert.deepEqual([end.BulkOperationStatus, end.FailureCode, end.ProcessedItemCount], ['CANCELLED', 'OperationCancelled', more]);
  assert.equal((await contents('slow-load'))!.length, more);
  await refused(client.send(new D.CancelBulkOperationCommand({ BulkOperationArn: arn })), 'ValidationException');
});

test('bulk operations are listed, the newest first, and refused where they are asked wrongly', async () => {
  const again = await bulk('slow-load', 'slow/', { MaxWriteRequestUnits: 1024, ClientToken: 'slowly' });
  assert.equal(again.BulkOperationDescription!.BulkOperationStatus, 'CANCELLED');
  await refused(bulk('slow-load', 'bulk/', { ClientToken: 'slowly' }), 'IdempotentParameterMismatchException');
  await refused(bulk('nobodys', 'bulk/'), 'ResourceNotFoundException');
  await refused(bulk('slow-load', 'bulk/', { MaxWriteRequestUnits: 10 }), { code: 'ValidationException', message: /1024/ });
  await refused(bulk('slow-load', 'bulk/', { OutputS3Configuration: { S3Bucket, OutputType: [] } }), 'ValidationException');
  const OutputS3Configuration = { S3Bucket: 'nobody-made-this', OutputType: ['ERROR' as const] };
  const { BulkOperationDescription: nowhere } = await bulk('slow-load', 'bulk/', { OutputS3Configuration });
  const { BulkOperationDescription: nothing } = await bulk('slow-load', 'nothing-is-here/');
  await cloud.cloud.settled();
  assert.equal((await told(nowhere!.BulkOperationArn!)).FailureCode, 'S3NoSuchBucket');
  assert.equal((await told(nothing!.BulkOperationArn!)).FailureCode, 'S3NoSuchKey');
  const BulkOperationArn = nowhere!.BulkOperationArn!.replace(/.$/, '_');
  await refused(client.send(new D.DescribeBulkOperationCommand({ BulkOperationArn })), 'ResourceNotFoundException');
  const first = await client.send(new D.ListBulkOperationsCommand({ MaxResults: 2 }));
  const rest = await client.send(new D.ListBulkOperationsCommand({ NextToken: first.NextToken! }));
  const listed = [...first.BulkOperationsSummaryList!, ...rest.BulkOperationsSummaryList!];
  assert.equal(new Set(listed.map((one) => one.BulkOperationArn)).size, 5);
  assert.ok(listed.every((one, at) => at === 0 || one.StartTime! <= listed[at - 1]!.StartTime!));
});
