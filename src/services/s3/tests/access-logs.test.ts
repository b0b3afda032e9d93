/** Server access logs: what a line says, where it goes, and who must let it in. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetBucketAclCommand,
  GetBucketLoggingCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketAclCommand,
  PutBucketLoggingCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
  type LoggingEnabled,
} from '@aws-sdk/client-s3';
import { rootOf, startCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';

const cloud = await startCloud();
after(() => cloud.close());
const s3 = cloud.client(S3Client);
const nobody = cloud.client(S3Client, { signer: { sign: async (request: unknown) => request } });
const minutes = 60_000;
let made = 0;

async function bucket(more: object = {}): Promise<string> {
  const Bucket = `logged-${++made}`;
  await s3.send(new CreateBucketCommand({ Bucket, ...more }));
  return Bucket;
}
const log = (Bucket: string, LoggingEnabled?: LoggingEnabled) =>
  s3.send(new PutBucketLoggingCommand({ Bucket, BucketLoggingStatus: { ...(LoggingEnabled && { LoggingEnabled }) } }));
async function letIn(Bucket: string): Promise<void> {
  const Statement = {
    Effect: 'Allow',
    Principal: { Service: 'logging.s3.amazonaws.com' },
    Action: 's3:PutObject',
    Resource: `arn:aws:s3:::${Bucket}/*`,
  };
  await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify({ Version: '2012-10-17', Statement }) }));
}
const keysOf = async (Bucket: string) => ((await s3.send(new ListObjectsV2Command({ Bucket }))).Contents ?? []).map(({ Key }) => Key!);
async function linesOf(Bucket: string): Promise<string[]> {
  const lines: string[] = [];
  for (const Key of await keysOf(Bucket)) {
    const text = await (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body!.transformToString();
    lines.push(...text.trimEnd().split('\n'));
  }
  return lines;
}

test('requests become lines of an object in the target bucket', async () => {
  const [Bucket, TargetBucket] = [await bucket(), await bucket()];
  await letIn(TargetBucket);
  await log(Bucket, { TargetBucket, TargetPrefix: 'logs/' });
  assert.deepEqual((await s3.send(new GetBucketLoggingCommand({ Bucket }))).LoggingEnabled, { TargetBucket, TargetPrefix: 'logs/' });
  await s3.send(new PutObjectCommand({ Bucket, Key: 'a b', Body: 'hello' }));
  await s3.send(new GetObjectCommand({ Bucket, Key: 'a b' }));
  await refused(nobody.send(new GetObjectCommand({ Bucket, Key: 'a b' })), 'AccessDenied');
  await s3.send(new DeleteObjectCommand({ Bucket, Key: 'a b' }));
  assert.deepEqual(await keysOf(TargetBucket), []);
  await cloud.advance(6 * minutes);
  const [key] = await keysOf(TargetBucket);
  assert.match(key!, /^logs\/\d{4}(-\d\d){5}-[0-9A-F]{16}$/);
  const { ID } = (await s3.send(new GetBucketAclCommand({ Bucket }))).Owner!;
  const lines = await linesOf(TargetBucket);
  const shape =
    /^(\S+) (\S+) \[([^\]]+)\] (\S+) (\S+) (\S+) (\S+) (\S+) "([^"]*)" (\d{3}) (\S+) (\S+) (\S+) (\S+) (\S+) (\S+|"[^"]*") (\S+|"[^"]*") (\S+) (\S+) (\S+) (\S+) (\S+) (\S+) (\S+) (\S+) (\S+)$/;
  const fields = lines.map((line) => shape.exec(line)!.slice(1));
  const operations = fields.map(([owner, name, , , requester, , operation, about, , status, code]) => {
    assert.deepEqual([owner, name], [ID, Bucket]);
    return [requester === ID, operation, about, status, code].join(' ');
  });
  assert.ok(operations.includes('true REST.PUT.OBJECT a%20b 200 -'));
  assert.ok(operations.includes('true REST.GET.OBJECT a%20b 200 -'));
  assert.ok(operations.includes('false REST.GET.OBJECT a%20b 403 AccessDenied'));
  assert.ok(operations.includes('true REST.DELETE.OBJECT a%20b 204 -'));
  assert.equal(fields.find(([, , , , , , operation, , , status]) => operation === 'REST.GET.OBJECT' && status === '200')![11], '5');
  await log(Bucket);
  assert.equal((await s3.send(new GetBucketLoggingCommand({ Bucket }))).LoggingEnabled, undefined);
});

test('logs wait until the target lets them in, by policy or by ACL, and may be partitioned', async () => {
  const [Bucket, TargetBucket] = [await bucket(), await bucket({ ObjectOwnership: 'ObjectWriter' })];
  const TargetObjectKeyFormat = { PartitionedPrefix: { PartitionDateSource: 'EventTime' as const } };
  await log(Bucket, { TargetBucket, TargetPrefix: '', TargetObjectKeyFormat });
  await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }));
  await cloud.advance(6 * minutes);
  assert.deepEqual(await keysOf(TargetBucket), []);
  await s3.send(new PutBucketAclCommand({ Bucket: TargetBucket, ACL: 'log-delivery-write' as 'private' }));
  await cloud.advance(6 * minutes);
  const [key] = await keysOf(TargetBucket);
  assert.match(key!, new RegExp(`^000000000000/us-east-1/${Bucket}/\\d{4}/\\d\\d/\\d\\d/\\d{4}-`));
});

test('targets that cannot be are refused in the words of AWS', async () => {
  const Bucket = await bucket();
  const bad = (TargetBucket: string, code: string, more = {}) => refused(log(Bucket, { TargetBucket, TargetPrefix: '', ...more }), code);
  await bad('no-such-target', 'InvalidTargetBucketForLogging');
  const other = cloud.client(S3Client, { credentials: rootOf('222222222222') });
  await other.send(new CreateBucketCommand({ Bucket: 'anothers-target' }));
  await bad('anothers-target', 'InvalidTargetBucketForLogging');
  const TargetGrants = [
    { Grantee: { Type: 'Group' as const, URI: 'http://acs.amazonaws.com/groups/global/AllUsers' }, Permission: 'READ' as const },
  ];
  await bad(await bucket(), 'InvalidArgument', { TargetGrants });
  const gone = await bucket();
  await log(gone, { TargetBucket: Bucket, TargetPrefix: '' });
  await s3.send(new DeleteBucketCommand({ Bucket: gone }));
  await cloud.advance(6 * minutes);
  assert.deepEqual(await keysOf(Bucket), []);
});
