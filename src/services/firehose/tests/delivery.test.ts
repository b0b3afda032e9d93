/** Records on their way into S3: buffering by size and time, names, compression, retries, what is given up. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { DeleteRolePolicyCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { PutRecordBatchCommand, PutRecordCommand } from '@aws-sdk/client-firehose';
import { refused } from '../../../../tests/refused.ts';
import { allow, startCast, type Cast } from './cast.ts';

let cast: Cast;

before(async () => {
  cast = await startCast();
});
after(() => cast.cloud.close());

const texts = (objects: [string, Buffer][]): string[] => objects.map(([, body]) => body.toString());

test('records wait for their time, then lie in one object in their order', async () => {
  await cast.stream('timed', { Prefix: 'timed/', BufferingHints: { IntervalInSeconds: 60, SizeInMBs: 5 } });
  await cast.put('timed', 'a\n');
  await cast.cloud.advance(59_000);
  await cast.put('timed', 'b\n', 'c\n');
  assert.deepEqual(await cast.objects('timed/'), []);
  const moment = new Date(cast.cloud.cloud.clock.now() - 59_000).toISOString();
  await cast.cloud.advance(1_000);
  const found = await cast.objects('timed/');
  assert.deepEqual(texts(found), ['a\nb\nc\n']);
  const day = moment.slice(0, 13).replaceAll(/[-T]/g, '/');
  const name = `timed/${day}/timed-1-${moment.slice(0, 19).replaceAll(/[T:]/g, '-')}-`;
  assert.ok(found[0]![0].startsWith(name), `${found[0]![0]} begins with ${name}`);
  assert.match(found[0]![0].slice(name.length), /^[0-9a-f-]{36}$/);
  await cast.put('timed', 'd');
  await cast.cloud.advance(60_000);
  assert.deepEqual(texts(await cast.objects('timed/')).sort(), ['a\nb\nc\n', 'd']);
});

test('a full buffer does not wait', async () => {
  await cast.stream('sized', { Prefix: 'sized/', BufferingHints: { IntervalInSeconds: 900, SizeInMBs: 1 } });
  const part = 'x'.repeat(400_000);
  await cast.put('sized', part, part);
  assert.deepEqual(await cast.objects('sized/'), []);
  await cast.put('sized', part);
  assert.deepEqual(
    (await cast.objects('sized/')).map(([, body]) => body.length),
    [1_200_000],
  );
});

test('objects are compressed and named by expressions and their extension', async () => {
  const Prefix = 'named/year=!{timestamp:yyyy}/!{firehose:random-string}/';
  await cast.stream('named', {
    ...{ Prefix, ErrorOutputPrefix: 'errors/!{firehose:error-output-type}/', CompressionFormat: 'GZIP' },
    BufferingHints: { IntervalInSeconds: 0, SizeInMBs: 1 },
  });
  await cast.put('named', 'one', 'two');
  const [[key, body]] = (await cast.objects('named/')) as [[string, Buffer]];
  assert.match(key, /^named\/year=\d{4}\/[0-9a-z]{11}\/named-1-.*\.gz$/);
  assert.equal(gunzipSync(body).toString(), 'onetwo');
  await cast.stream('extended', {
    ...{ Prefix: 'extended/', FileExtension: '.jsonl', CustomTimeZone: 'Asia/Seoul' },
    BufferingHints: { IntervalInSeconds: 0, SizeInMBs: 1 },
    ProcessingConfiguration: {
      Enabled: true,
      Processors: [{ Type: 'AppendDelimiterToRecord', Parameters: [{ ParameterName: 'Delimiter', ParameterValue: '\\n' }] }],
    },
  });
  await cast.put('extended', '{}', '[]');
  const [[seoul, lines]] = (await cast.objects('extended/')) as [[string, Buffer]];
  assert.equal(lines.toString(), '{}\n[]\n');
  const there = new Date(cast.cloud.cloud.clock.now() + 9 * 3_600_000).toISOString().slice(0, 13).replaceAll(/[-T]/g, '/');
  assert.match(seoul, new RegExp(`^extended/${there}/extended-1-.*\\.jsonl$`));
});

test('objects are encrypted under the key of the destination', async () => {
  const { KeyMetadata } = await cast.cloud.client(KMSClient).send(new CreateKeyCommand({}));
  const PolicyDocument = allow('kms:GenerateDataKey', 'kms:Decrypt');
  await cast.iam.send(new PutRolePolicyCommand({ RoleName: 'deliverer', PolicyName: 'keys', PolicyDocument }));
  await cast.stream('sealed', {
    ...{ Prefix: 'sealed/', BufferingHints: { IntervalInSeconds: 0, SizeInMBs: 1 } },
    EncryptionConfiguration: { KMSEncryptionConfig: { AWSKMSKeyARN: KeyMetadata!.Arn! } },
  });
  await cast.put('sealed', 'secret');
  const [[Key, body]] = (await cast.objects('sealed/')) as [[string, Buffer]];
  assert.equal(body.toString(), 'secret');
  const head = await cast.s3.send(new HeadObjectCommand({ Bucket: 'delivered', Key }));
  assert.deepEqual([head.ServerSideEncryption, head.SSEKMSKeyId], ['aws:kms', KeyMetadata!.Arn]);
});

test('what S3 refuses is tried again for a day, under the same name', async () => {
  await cast.stream('patient', { Prefix: 'patient/', BufferingHints: { IntervalInSeconds: 0, SizeInMBs: 1 } });
  const forbid = () => cast.iam.send(new DeleteRolePolicyCommand({ RoleName: 'deliverer', PolicyName: 'deliver' }));
  const permit = () =>
    cast.iam.send(
      new PutRolePolicyCommand({ RoleName: 'deliverer', PolicyName: 'deliver', PolicyDocument: allow('s3:PutObject', 'kinesis:*') }),
    );
  await forbid();
  await cast.put('patient', 'first');
  await cast.cloud.advance(3_600_000);
  assert.deepEqual(await cast.objects('patient/'), []);
  await permit();
  await cast.cloud.advance(300_000);
  assert.deepEqual(texts(await cast.objects('patient/')), ['first']);
  await forbid();
  await cast.put('patient', 'lost');
  await cast.cloud.advance(25 * 3_600_000);
  await permit();
  await cast.cloud.advance(3_600_000);
  assert.deepEqual(texts(await cast.objects('patient/')), ['first']);
});

test('an object that is there takes nothing from one that still waits', async () => {
  const { iam } = cast;
  await cast.stream('overtaken', { Prefix: 'overtaken/', BufferingHints: { IntervalInSeconds: 0, SizeInMBs: 1 } });
  await iam.send(new DeleteRolePolicyCommand({ RoleName: 'deliverer', PolicyName: 'deliver' }));
  await cast.put('overtaken', 'first');
  await cast.cloud.cloud.settled();
  const PolicyDocument = allow('s3:PutObject', 'kinesis:*');
  await iam.send(new PutRolePolicyCommand({ RoleName: 'deliverer', PolicyName: 'deliver', PolicyDocument }));
  await cast.put('overtaken', 'second');
  assert.deepEqual(texts(await cast.objects('overtaken/')), ['second']);
  await cast.cloud.advance(10_000);
  assert.deepEqual(texts(await cast.objects('overtaken/')).sort(), ['first', 'second']);
});

test('limits of calls, and of what a stream takes in a second', async () => {
  const DeliveryStreamName = 'limited';
  await cast.stream(DeliveryStreamName);
  const batch = (count: number, bytes: number) =>
    cast.firehose.send(
      new PutRecordBatchCommand({ DeliveryStreamName, Records: Array.from({ length: count }, () => ({ Data: Buffer.alloc(bytes) })) }),
    );
  await refused(batch(501, 1), 'ValidationException');
  await refused(batch(0, 1), 'ValidationException');
  await refused(batch(1, 1_024_001), 'ValidationException');
  await refused(batch(5, 1_000_000), 'InvalidArgumentException');
  await refused(
    cast.firehose.send(new PutRecordCommand({ DeliveryStreamName, Record: { Data: Buffer.alloc(1_024_001) } })),
    'ValidationException',
  );
  const put = await batch(4, 1_000_000);
  assert.equal(put.FailedPutCount, 0);
  assert.equal(new Set(put.RequestResponses!.map(({ RecordId }) => RecordId)).size, 4);
  await refused(batch(4, 1_000_000), { code: 'ServiceUnavailableException', message: 'Slow down.' });
  await cast.cloud.advance(1_000);
  await batch(4, 1_000_000);
});
