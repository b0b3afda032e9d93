/** SelectObjectContent through the real SDK: formats, ranges, events, errors. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  PutObjectCommand,
  S3Client,
  SelectObjectContentCommand,
  type SelectObjectContentCommandInput,
  type SelectObjectContentEventStream,
} from '@aws-sdk/client-s3';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';

let cloud: LiveCloud;
let s3: S3Client;
const Bucket = 'selected';
const people = 'name,age,city\nAda,36,London\nBob,17,"Paris, France"\nCleo,52,Rome\n';

before(async () => {
  cloud = await startCloud();
  s3 = cloud.client(S3Client);
  await s3.send(new CreateBucketCommand({ Bucket }));
});
after(() => cloud.close());

type Asked = Partial<SelectObjectContentCommandInput>;
const csv: Asked = { InputSerialization: { CSV: { FileHeaderInfo: 'USE' } }, OutputSerialization: { CSV: {} } };
const json: Asked = { InputSerialization: { JSON: { Type: 'DOCUMENT' } }, OutputSerialization: { JSON: {} } };

async function put(Key: string, Body: string | Uint8Array, more: object = {}) {
  await s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
}

async function events(Key: string, Expression: string, asked: Asked): Promise<SelectObjectContentEventStream[]> {
  const input = { Bucket, Key, ExpressionType: 'SQL', Expression, ...asked } as SelectObjectContentCommandInput;
  const { Payload } = await s3.send(new SelectObjectContentCommand(input));
  const all: SelectObjectContentEventStream[] = [];
  for await (const event of Payload!) all.push(event);
  return all;
}

async function select(Key: string, Expression: string, asked: Asked): Promise<string> {
  const records = (await events(Key, Expression, asked)).flatMap(({ Records }) => (Records ? [Records.Payload!] : []));
  return Buffer.concat(records).toString();
}

async function code(Key: string, Expression: string, asked: Asked): Promise<string> {
  try {
    return await select(Key, Expression, asked);
  } catch (error) {
    return (error as Error).name;
  }
}

test('columns of CSV are found by header and by position, and what needs quotes gets them', async () => {
  await put('people.csv', people);
  assert.equal(
    await select('people.csv', `SELECT s.name, s."city" FROM S3Object s WHERE CAST(s.age AS INT) > 30`, csv),
    'Ada,London\nCleo,Rome\n',
  );
  assert.equal(await select('people.csv', 'SELECT s._3 AS place FROM s3object s LIMIT 2', csv), 'London\n"Paris, France"\n');
  assert.equal(await select('people.csv', 'SELECT COUNT(*), AVG(CAST(age AS INT)), MAX(CAST(age AS INT)) FROM S3Object', csv), '3,35,52\n');
  assert.equal(
    await select('people.csv', 'SELECT * FROM S3Object LIMIT 1', { ...csv, OutputSerialization: { JSON: { RecordDelimiter: ';' } } }),
    '{"name":"Ada","age":"36","city":"London"};',
  );
});

test('delimiters, quotes, escapes and comments are those of the request', async () => {
  await put('odd.csv', "// not a row|a;'b;\\'c'|'d|e';f|");
  const CSV = {
    RecordDelimiter: '|',
    FieldDelimiter: ';',
    QuoteCharacter: "'",
    QuoteEscapeCharacter: '\\',
    Comments: '/',
    AllowQuotedRecordDelimiter: true,
  };
  const OutputSerialization = {
    CSV: { QuoteFields: 'ALWAYS', QuoteCharacter: "'", FieldDelimiter: '\t', RecordDelimiter: '\r\n' },
  } as const;
  assert.equal(
    await select('odd.csv', 'SELECT * FROM S3Object', { InputSerialization: { CSV }, OutputSerialization }),
    "'a'\t'b;\"'c'\r\n'd|e'\t'f'\r\n",
  );
});

test('GZIP and BZIP2 are unpacked, and what is not so packed is told', async () => {
  const bzip = execFileSync('python3', ['-c', 'import sys,bz2;sys.stdout.buffer.write(bz2.compress(sys.stdin.buffer.read()))'], {
    input: people,
  });
  await put('people.gz', gzipSync(people));
  await put('people.bz2', bzip);
  const as = (CompressionType: 'GZIP' | 'BZIP2'): Asked => ({ ...csv, InputSerialization: { ...csv.InputSerialization, CompressionType } });
  for (const [key, kind] of [
    ['people.gz', 'GZIP'],
    ['people.bz2', 'BZIP2'],
  ] as const) {
    assert.equal(await select(key, `SELECT name FROM S3Object WHERE city LIKE 'R_m%'`, as(kind)), 'Cleo\n');
    assert.equal(await code('people.csv', 'SELECT * FROM S3Object', as(kind)), 'InvalidCompressionFormat');
  }
  await put('cut.gz', gzipSync(people).subarray(0, 40));
  await put('cut.bz2', bzip.subarray(0, 40));
  assert.equal(await code('cut.gz', 'SELECT * FROM S3Object', as('GZIP')), 'TruncatedInput');
  assert.equal(await code('cut.bz2', 'SELECT * FROM S3Object', as('BZIP2')), 'TruncatedInput');
});

test('a JSON document is walked by the path in FROM, and lines are rows', async () => {
  const rules = '{"Rules":[{"id":"1"},{"expr":"y > x"},{"id":"2","expr":"DEBUG = 42"}]} {"created":"June 27","n":12345678901234567890}';
  await put('rules.json', rules);
  assert.equal(await select('rules.json', 'SELECT id FROM S3Object[*].Rules[*].id', json), '{"id":"1"}\n{}\n{"id":"2"}\n{}\n');
  assert.equal(
    await select('rules.json', 'SELECT r.expr FROM S3Object[*].Rules[*] r WHERE r.id IS NOT MISSING', json),
    '{}\n{"expr":"DEBUG = 42"}\n',
  );
  assert.equal(
    await select('rules.json', 'SELECT s.Rules[1].expr, s.n FROM S3Object s', json),
    '{"expr":"y > x"}\n{"n":12345678901234567890}\n',
  );
  await put('lines.json', '{"a":1,"b":{"c":[1,2.50]}}\n{"a":2.5}\n\n{"a":null}\n');
  const lines: Asked = { InputSerialization: { JSON: { Type: 'LINES' } }, OutputSerialization: { CSV: {} } };
  assert.equal(await select('lines.json', 'SELECT s.b.c[1], s.b, s.a + 1 FROM S3Object s', lines), '2.5,"{""c"":[1,2.5]}",2\n,,3.5\n,,\n');
  assert.equal(await select('lines.json', 'SELECT SUM(s.a), COUNT(s.a) FROM S3Object[*] s', lines), '3.5,2\n');
});

test('a scan range takes the records that begin in it', async () => {
  await put('numbers.csv', Array.from({ length: 100 }, (_, n) => `row${String(n).padStart(3, '0')}\n`).join(''));
  const within = (ScanRange: object): Asked => ({ InputSerialization: { CSV: {} }, OutputSerialization: { CSV: {} }, ScanRange });
  assert.equal(await select('numbers.csv', 'SELECT * FROM S3Object', within({ Start: 0, End: 6 })), 'row000\n');
  assert.equal(await select('numbers.csv', 'SELECT * FROM S3Object', within({ Start: 7, End: 14 })), 'row001\nrow002\n');
  assert.equal(await select('numbers.csv', 'SELECT * FROM S3Object', within({ Start: 8, End: 13 })), '');
  assert.equal(await select('numbers.csv', 'SELECT * FROM S3Object', within({ End: 8 })), 'row099\n');
  assert.equal(await select('numbers.csv', 'SELECT * FROM S3Object', within({ Start: 692 })), 'row099\n');
  assert.equal(await code('numbers.csv', 'SELECT * FROM S3Object', within({ Start: 700 })), 'InvalidScanRange');
  assert.equal(
    await code('numbers.csv', 'SELECT * FROM S3Object', {
      ...within({ Start: 1 }),
      InputSerialization: { CSV: {}, CompressionType: 'GZIP' },
    }),
    'UnsupportedScanRangeInput',
  );
});

test('the stream tells its progress and its statistics, and ends', async () => {
  const all = await events('people.csv', 'SELECT name FROM S3Object', { ...csv, RequestProgress: { Enabled: true } });
  assert.deepEqual(
    all.map((event) => Object.keys(event)[0]),
    ['Records', 'Progress', 'Stats', 'End'],
  );
  assert.deepEqual(all[2]!.Stats!.Details, { BytesScanned: people.length, BytesProcessed: people.length, BytesReturned: 13 });
  const usage = await cloud.cloud.meter.query('000000000000', 0, Number.MAX_SAFE_INTEGER);
  assert.ok(usage.some(({ usageType, quantity }) => usageType === 'Select-Scanned-Bytes' && quantity >= people.length));
  assert.ok(usage.some(({ usageType, quantity }) => usageType === 'Select-Returned-Bytes' && quantity >= 13));
});

/** Three people in two row groups, Snappy inside: id INT64, Name STRING, price DOUBLE, born TIMESTAMP, tags JSON. */
const parquet = Buffer.from(
  'UEFSMRUGFSQVKFwVBBUAFQQVABUEFQAAAAMDEDwBAAAAAAAAAAIAAAAAAAAAFQYVIBUkXBUEFQAVBBUAFQQVAAAAAwMONAMAAABBZGEDAAAAQm9iFQYVJBUkXBUEFQAVBBUAFQQVAAAAAwMQAAAFAST4PwAAAAAAAABAFQYVJBUgXBUEFQAVBBUAFQQVAAAAAwMQAAANARwuzzVkbwEAABUGFSoVLlwVBBUAFQQVABUEFQAAAAMDE0gJAAAAWyJhIiwiYiJdAgAAAFtdFQYVFBUYXBUCFQAVAhUAFQQVAAAAAwEIHAMAAAAAAAAAFQYVBBUGXBUCFQIVAhUAFQQVAAAAAwAAFQYVFBUYXBUCFQAVAhUAFQQVAAAAAwEIHAAAAAAAAApAFQYVBBUGXBUCFQIVAhUAFQQVAAAAAwAAFQYVBBUGXBUCFQIVAhUAFQQVAAAAAwAAFQQZbEgEcm9vdBUKABUEJQIYAmlkABUMJQIYBE5hbWUlAAAVCiUCGAVwcmljZQAVBCUCGARib3JuJRIAFQwlAhgEdGFncyUmABYGGSwZXCYIHBUEGRUAGRgCaWQVAhYEFk4WUiYIPDYAKAgCAAAAAAAAABgIAQAAAAAAAAAAGRwVBhUAFQIAAAAmWhwVDBkVABkYBE5hbWUVAhYEFkoWTiZaPDYAKANCb2IYA0FkYQAZHBUGFQAVAgAAACaoARwVChkVABkYBXByaWNlFQIWBBZOFk4mqAE8NgAoCAAAAAAAAABAGAgAAAAAAAD4PzYAABkcFQYVABUCAAAAJvYBHBUEGRUAGRgEYm9ybhUCFgQWThZKJvYBPDYAKAguzzVkbwEAABgIAAAAAAAAAAAAGRwVBhUAFQIAAAAmwAIcFQwZFQAZGAR0YWdzFQIWBBZUFlgmwAI8NgAoAltdGAlbImEiLCJiIl0AGRwVBhUAFQIAAAAWiAMWBDaQAwAZXCaYAxwVBBkVABkYAmlkFQIWAhY+FkImmAM8NgAoCAMAAAAAAAAAGAgDAAAAAAAAAAAZHBUGFQAVAgAAACbaAxwVDBkVABkYBE5hbWUVAhYCFi4WMCbaAzw2AgAZHBUGFQAVAgAAACaKBBwVChkVABkYBXByaWNlFQIWAhY+FkImigQ8NgAoCAAAAAAAAApAGAgAAAAAAAAKQDYAABkcFQYVABUCAAAAJswEHBUEGRUAGRgEYm9ybhUCFgIWLhYwJswEPDYCABkcFQYVABUCAAAAJvwEHBUMGRUAGRgEdGFncxUCFgIWLhYwJvwEPDYCABkcFQYVABUCAAAAFoYCFgI2lAIAKAloeXBhcnF1ZXQZXBwAABwAABwAABwAABwAAACfAgAAUEFSMQ==',
  'base64',
);

test('columns of Parquet have the types of its schema', async () => {
  const asked: Asked = { InputSerialization: { Parquet: {} }, OutputSerialization: { JSON: {} } };
  await put('people.parquet', parquet);
  assert.equal(
    await select('people.parquet', 'SELECT s.id + 1 AS later, name, s.price, s.born FROM S3Object s WHERE s.price < 3', asked),
    '{"later":2,"name":"Ada","price":1.5,"born":"1970-01-01T00:00:00Z"}\n{"later":3,"name":"Bob","price":2,"born":"2020-01-02T03:04:05.678Z"}\n',
  );
  assert.equal(
    await select('people.parquet', 'SELECT COUNT(*), COUNT(s.Name), SUM(s.id) FROM S3Object s', asked),
    '{"_1":3,"_2":2,"_3":6}\n',
  );
  assert.equal(await select('people.parquet', 'SELECT s.tags[1] AS tag, s._2 FROM S3Object s LIMIT 1', asked), '{"tag":"b","_2":"Ada"}\n');
  assert.equal(
    await select('people.parquet', 'SELECT id FROM S3Object', { ...asked, ScanRange: { Start: 5, End: parquet.length } }),
    '{"id":3}\n',
  );
  assert.equal(await code('people.parquet', 'SELECT s.none FROM S3Object s', asked), 'MissingHeaders');
  assert.equal(await code('people.csv', 'SELECT * FROM S3Object', asked), 'ParquetParsingError');
});

test('it is allowed by s3:GetObject, and to nobody unknown', async () => {
  const { AccessKey } = await (async () => {
    const iam = cloud.client(IAMClient);
    await iam.send(new CreateUserCommand({ UserName: 'reader' }));
    return iam.send(new CreateAccessKeyCommand({ UserName: 'reader' }));
  })();
  const reader = cloud.client(S3Client, {
    credentials: { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! },
  });
  const command = new SelectObjectContentCommand({
    Bucket,
    Key: 'people.csv',
    ExpressionType: 'SQL',
    Expression: 'SELECT * FROM S3Object',
    ...csv,
  } as SelectObjectContentCommandInput);
  await assert.rejects(reader.send(command), { name: 'AccessDenied' });
  const PolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/*` }],
  });
  await cloud.client(IAMClient).send(new PutUserPolicyCommand({ UserName: 'reader', PolicyName: 'read', PolicyDocument }));
  assert.ok((await reader.send(command)).Payload);
});

test("objects under a customer's key are read with it alone", async () => {
  const key = Buffer.alloc(32, 7);
  const customer = {
    SSECustomerAlgorithm: 'AES256',
    SSECustomerKey: key.toString('base64'),
    SSECustomerKeyMD5: createHash('md5').update(key).digest('base64'),
  };
  await put('secret.csv', people, customer);
  assert.equal(await select('secret.csv', 'SELECT name FROM S3Object LIMIT 1', { ...csv, ...customer }), 'Ada\n');
  assert.equal(await code('secret.csv', 'SELECT name FROM S3Object', csv), 'InvalidRequest');
});

test('archived objects and missing ones are refused', async () => {
  await put('cold.csv', people, { StorageClass: 'GLACIER' });
  assert.equal(await code('cold.csv', 'SELECT * FROM S3Object', csv), 'InvalidObjectState');
  assert.equal(await code('nowhere.csv', 'SELECT * FROM S3Object', csv), 'NoSuchKey');
});

test('requests that make no sense are refused before the stream begins', async () => {
  const refused: [string, string, Asked][] = [
    ['MissingRequiredParameter', 'SELECT 1 FROM S3Object', { InputSerialization: { CSV: {} }, OutputSerialization: {} }],
    ['InvalidDataSource', 'SELECT 1 FROM S3Object', { ...csv, InputSerialization: {} }],
    ['ObjectSerializationConflict', 'SELECT 1 FROM S3Object', { ...csv, InputSerialization: { CSV: {}, JSON: { Type: 'LINES' } } }],
    ['InvalidFileHeaderInfo', 'SELECT 1 FROM S3Object', { ...csv, InputSerialization: { CSV: { FileHeaderInfo: 'MAYBE' as never } } }],
    ['InvalidExpressionType', 'SELECT 1 FROM S3Object', { ...csv, ExpressionType: 'XPATH' as never }],
    ['ExpressionTooLong', `SELECT '${'x'.repeat(256 * 1024)}' FROM S3Object`, csv],
    ['ParseUnexpectedToken', 'SELECT * FROM S3Object ORDER BY name', csv],
    ['LexerInvalidChar', 'SELECT # FROM S3Object', csv],
    ['UnsupportedSqlOperation', 'DELETE FROM S3Object', csv],
    ['DataSourcePathUnsupported', 'SELECT * FROM S3Object[*].a', csv],
    ['UnsupportedFunction', 'SELECT SOUNDEX(name) FROM S3Object', csv],
  ];
  for (const [expected, expression, asked] of refused)
    assert.equal(await code('people.csv', expression, asked), expected, expression.slice(0, 80));
});

test('what goes wrong in the data ends the stream with an error, after the records before it', async () => {
  await put('mixed.csv', '1\n2\nthree\n');
  const plain: Asked = { InputSerialization: { CSV: {} }, OutputSerialization: { CSV: {} } };
  const input = {
    Bucket,
    Key: 'mixed.csv',
    ExpressionType: 'SQL',
    Expression: 'SELECT CAST(_1 AS INT) FROM S3Object',
    ...plain,
  } as SelectObjectContentCommandInput;
  const { Payload } = await s3.send(new SelectObjectContentCommand(input));
  let text = '';
  await assert.rejects(async () => {
    for await (const { Records } of Payload!) text += Buffer.from(Records?.Payload ?? []).toString();
  }, /CAST failed/);
  assert.equal(text, '1\n2\n');
  await put('latin.csv', Buffer.from([0x61, 0xff, 0x0a]));
  assert.equal(await code('latin.csv', 'SELECT * FROM S3Object', plain), 'InvalidTextEncoding');
  assert.equal(await code('people.csv', 'SELECT nothing FROM S3Object', csv), 'MissingHeaders');
  await put('long.csv', 'x'.repeat(1024 * 1024 + 1));
  assert.equal(await code('long.csv', 'SELECT * FROM S3Object', plain), 'OverMaxRecordSize');
  assert.equal(await code('people.csv', 'SELECT * FROM S3Object', json), 'JSONParsingError');
});
