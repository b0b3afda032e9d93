/** Records of JSON become Parquet by a table of Glue, and those that do not fit are kept with the reason. */

import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import { after, before, test } from 'node:test';
import { DescribeDeliveryStreamCommand, type DataFormatConversionConfiguration } from '@aws-sdk/client-firehose';
import { CreateDatabaseCommand, CreateTableCommand, GlueClient, UpdateTableCommand } from '@aws-sdk/client-glue';
import { PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { SelectObjectContentCommand } from '@aws-sdk/client-s3';
import { parquetReadObjects } from 'hyparquet';
import { refused } from '../../../../tests/refused.ts';
import { allow, startCast, type Cast } from './cast.ts';

let cast: Cast;
let glue: GlueClient;

before(async () => {
  cast = await startCast();
  glue = cast.cloud.client(GlueClient);
  const PolicyDocument = allow('s3:PutObject', 'glue:GetTableVersion');
  await cast.iam.send(new PutRolePolicyCommand({ RoleName: 'deliverer', PolicyName: 'deliver', PolicyDocument }));
  await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'lake' } }));
});
after(() => cast.cloud.close());

const tableInput = (Name: string, columns: Record<string, string>) => ({
  Name,
  StorageDescriptor: { Columns: Object.entries(columns).map(([name, Type]) => ({ Name: name, Type })) },
});
const table = (name: string, columns: Record<string, string>) =>
  glue.send(new CreateTableCommand({ DatabaseName: 'lake', TableInput: tableInput(name, columns) }));

const conversion = (TableName: string, more: Partial<DataFormatConversionConfiguration> = {}): DataFormatConversionConfiguration => ({
  SchemaConfiguration: { RoleARN: cast.roleArn, DatabaseName: 'lake', TableName },
  InputFormatConfiguration: { Deserializer: { OpenXJsonSerDe: {} } },
  OutputFormatConfiguration: { Serializer: { ParquetSerDe: {} } },
  ...more,
});

async function rowsOf(file: Buffer): Promise<Record<string, unknown>[]> {
  const bytes = new Uint8Array(file).buffer;
  const compressors = { GZIP: (input: Uint8Array) => new Uint8Array(gunzipSync(input)) };
  return parquetReadObjects({ file: { byteLength: bytes.byteLength, slice: (a, b) => bytes.slice(a, b) }, compressors });
}

test('every type of a column, and what does not fit', async () => {
  await table('typed', {
    flag: 'boolean',
    tiny: 'tinyint',
    whole: 'int',
    long: 'bigint',
    real: 'double',
    name: 'varchar(20)',
    day: 'date',
    at: 'timestamp',
    price: 'decimal(10,2)',
    tags: 'array<string>',
    counts: 'map<string,int>',
    place: 'struct<city:string,point:struct<x:double,y:double>>',
  });
  await cast.stream('typed', {
    Prefix: 'typed/',
    ErrorOutputPrefix: 'failed/',
    BufferingHints: { SizeInMBs: 64, IntervalInSeconds: 60 },
    DataFormatConversionConfiguration: conversion('typed'),
  });
  const full = {
    ...{ Flag: true, tiny: -128, whole: 7, real: 2.5, name: 'n', day: '2026-11-29', at: '2026-11-29 12:30:00.25', price: 12.345 },
    ...{ tags: ['a', 'b'], counts: { x: 1 }, place: { City: 'Seoul', point: { x: 1, y: 2 } }, beyond: 'ignored' },
  };
  await cast.put(
    'typed',
    `${JSON.stringify(full).slice(0, -1)},"long":9007199254740993}`,
    '{}',
    '{"whole":"text"}',
    '{"tiny":128}',
    'no json',
    '[1]',
  );
  await cast.cloud.advance(60_000);
  const [[key, file], ...others] = (await cast.objects('typed/')) as [[string, Buffer]];
  assert.equal(others.length, 0);
  assert.match(key, /\.parquet$/);
  const [row, empty] = await rowsOf(file);
  assert.deepEqual(row, {
    ...{ flag: true, tiny: -128, whole: 7, long: 9007199254740993n, real: 2.5, name: 'n' },
    ...{ day: new Date('2026-11-29'), at: new Date('2026-11-29T12:30:00.250Z'), price: 12.35 },
    ...{ tags: ['a', 'b'], counts: { x: 1 }, place: { city: 'Seoul', point: { x: 1, y: 2 } } },
  });
  assert.ok(Object.values(empty!).every((value) => value === null));
  const [[failedKey, failed]] = (await cast.objects('failed/')) as [[string, Buffer]];
  assert.match(failedKey, /^failed\/format-conversion-failed\//);
  const lines = failed
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { errorCode: string; errorMessage: string; rawData: string });
  assert.deepEqual(
    lines.map(({ rawData }) => Buffer.from(rawData, 'base64').toString()),
    ['{"whole":"text"}', '{"tiny":128}', 'no json', '[1]'],
  );
  for (const { errorCode } of lines) assert.equal(errorCode, 'DataFormatConversion.MalformedData');
  assert.match(lines[0]!.errorMessage, /Column whole/);
});

test('names of members are mapped, the table may change, and S3 Select reads what was written', async () => {
  await table('mapped', { id: 'int', user_name: 'string' });
  const Deserializer = { OpenXJsonSerDe: { ColumnToJsonKeyMappings: { id: 'Key' }, ConvertDotsInJsonKeysToUnderscores: true } };
  const ParquetSerDe = { Compression: 'GZIP' as const };
  const configuration = conversion('mapped', {
    InputFormatConfiguration: { Deserializer },
    OutputFormatConfiguration: { Serializer: { ParquetSerDe } },
  });
  await cast.stream('mapped', { Prefix: 'mapped/', DataFormatConversionConfiguration: configuration });
  const { DeliveryStreamDescription } = await cast.firehose.send(new DescribeDeliveryStreamCommand({ DeliveryStreamName: 'mapped' }));
  const shown = DeliveryStreamDescription!.Destinations![0]!.ExtendedS3DestinationDescription!;
  assert.deepEqual(shown.DataFormatConversionConfiguration, { ...configuration, Enabled: true });
  assert.equal(shown.BufferingHints!.SizeInMBs, 128);
  await cast.put('mapped', '{"key":1,"user.name":"ann"}', '{"KEY":"2","user_name":{"a":1}}');
  await cast.cloud.advance(300_000);
  await glue.send(
    new UpdateTableCommand({ DatabaseName: 'lake', TableInput: tableInput('mapped', { id: 'bigint', user_name: 'string', age: 'int' }) }),
  );
  await cast.put('mapped', '{"key":3,"age":30}');
  await cast.cloud.advance(300_000);
  const objects = await cast.objects('mapped/');
  const rows = (await Promise.all(objects.map(([, file]) => rowsOf(file)))).flat();
  assert.deepEqual(rows, [
    { id: 1, user_name: 'ann' },
    { id: 2, user_name: '{"a":1}' },
    { id: 3n, user_name: null, age: 30 },
  ]);
  const { Payload } = await cast.s3.send(
    new SelectObjectContentCommand({
      ...{
        Bucket: 'delivered',
        Key: objects[0]![0],
        ExpressionType: 'SQL',
        Expression: 'SELECT s.user_name FROM S3Object s WHERE s.id = 1',
      },
      ...{ InputSerialization: { Parquet: {} }, OutputSerialization: { CSV: {} } },
    }),
  );
  let text = '';
  for await (const event of Payload!) text += Buffer.from(event.Records?.Payload ?? []).toString();
  assert.equal(text, 'ann\n');
});

test('records wait while their table is not there', async () => {
  await cast.stream('early', { Prefix: 'early/', DataFormatConversionConfiguration: conversion('late') });
  await cast.put('early', '{"a":1}');
  await cast.cloud.advance(300_000);
  assert.deepEqual(await cast.objects('early/'), []);
  await table('late', { a: 'int' });
  await cast.cloud.advance(600_000);
  const [[, file]] = (await cast.objects('early/')) as [[string, Buffer]];
  assert.deepEqual(await rowsOf(file), [{ a: 1 }]);
});

test('configurations that do not go together are refused, and what is not built names itself', async () => {
  const create = (more: object, of = conversion('typed')) => cast.stream('refused', { DataFormatConversionConfiguration: of, ...more });
  await refused(create({ CompressionFormat: 'GZIP' }), 'InvalidArgumentException');
  await refused(create({ BufferingHints: { SizeInMBs: 5, IntervalInSeconds: 60 } }), 'InvalidArgumentException');
  await refused(create({}, { Enabled: true }), 'InvalidArgumentException');
  await refused(create({}, conversion('typed', { OutputFormatConfiguration: { Serializer: { OrcSerDe: {} } } })), 'NotImplemented');
  const strict = { Deserializer: { OpenXJsonSerDe: { CaseInsensitive: false } } };
  await refused(create({}, conversion('typed', { InputFormatConfiguration: strict })), 'NotImplemented');
});
