/** Digests of bodies that are read whole: a policy, tags, a list of keys. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { crc32 } from 'node:zlib';
import {
  CreateBucketCommand,
  DeleteObjectsCommand,
  GetBucketPolicyCommand,
  HeadObjectCommand,
  PutBucketTaggingCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { startCloud, type LiveCloud } from '../../../tests/live-cloud.ts';
import { send, signed, type RawReply } from './raw-client.ts';

let cloud: LiveCloud;
let s3: S3Client;
before(async () => {
  cloud = await startCloud();
  s3 = cloud.client(S3Client);
  await s3.send(new CreateBucketCommand({ Bucket: 'digests' }));
});
after(() => cloud.close());

const policy = JSON.stringify({
  Version: '2012-10-17',
  Statement: {
    Effect: 'Allow',
    Principal: { AWS: '111111111111' },
    Action: 's3:GetObject',
    Resource: 'arn:aws:s3:::digests/*',
  },
});
const md5 = (text: string) => createHash('md5').update(text).digest('base64');
const sha256 = (text: string) => createHash('sha256').update(text).digest('base64');
const crc = (text: string) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(text));
  return bytes.toString('base64');
};

function put(headers: Record<string, string>, body = policy, path = '/digests?policy=', method = 'PUT'): Promise<RawReply> {
  const raw = { method, path, body, headers: { host: `127.0.0.1:${cloud.port}`, ...headers } };
  return send(cloud.port, signed(raw, { service: 's3', at: cloud.cloud.clock.now() }));
}
const said = ({ status, text }: RawReply) => [status, /<Code>(.*?)<\/Code>/.exec(text)?.[1], /<Message>(.*?)<\/Message>/.exec(text)?.[1]];

test('Content-MD5 has to be that of the body', async () => {
  const bad = await put({ 'content-md5': md5('another') });
  assert.deepEqual(said(bad), [400, 'BadDigest', 'The Content-MD5 you specified did not match what we received.']);
  assert.match(bad.text, new RegExp(`<CalculatedDigest>${md5(policy).replaceAll('+', '\\+')}</CalculatedDigest>`));
  for (const none of ['nonsense', 'c2hvcnQ=', ''])
    assert.deepEqual(said(await put({ 'content-md5': none })), [400, 'InvalidDigest', 'The Content-MD5 you specified was invalid.'], none);
  await assert.rejects(s3.send(new GetBucketPolicyCommand({ Bucket: 'digests' })), { name: 'NoSuchBucketPolicy' });
  assert.equal((await put({ 'content-md5': md5(policy) })).status, 204);
});

test('a checksum has to be that of the body', async () => {
  const wrong = (name: string) => [400, 'BadDigest', `The ${name} you specified did not match the calculated checksum.`];
  assert.deepEqual(said(await put({ 'x-amz-checksum-crc32': crc('another') })), wrong('CRC32'));
  assert.deepEqual(said(await put({ 'x-amz-checksum-sha256': sha256('another') })), wrong('SHA256'));
  assert.deepEqual(said(await put({ 'x-amz-checksum-crc32': 'AAAA' })), [
    400,
    'InvalidRequest',
    'Value for x-amz-checksum-crc32 header is invalid.',
  ]);
  const twice = await put({ 'x-amz-checksum-crc32': crc(policy), 'x-amz-checksum-sha256': sha256(policy) });
  assert.deepEqual(said(twice).slice(0, 2), [400, 'InvalidRequest']);
  const announced = await put({ 'x-amz-sdk-checksum-algorithm': 'CRC32' });
  assert.match(announced.text, /x-amz-sdk-checksum-algorithm specified, but no corresponding/);
  assert.equal((await put({ 'x-amz-checksum-crc32': crc(policy), 'content-md5': md5(policy) })).status, 204);
});

test('nothing is deleted or tagged on the word of a wrong digest', async () => {
  await s3.send(new PutObjectCommand({ Bucket: 'digests', Key: 'kept', Body: 'x' }));
  const list = '<Delete><Object><Key>kept</Key></Object></Delete>';
  assert.equal(said(await put({ 'content-md5': md5('<Delete/>') }, list, '/digests?delete=', 'POST'))[1], 'BadDigest');
  await s3.send(new HeadObjectCommand({ Bucket: 'digests', Key: 'kept' }));
  const tags = '<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>';
  assert.equal(said(await put({ 'x-amz-checksum-sha256': sha256('b') }, tags, '/digests?tagging='))[1], 'BadDigest');
});

test('what the SDK computes fits, in every algorithm', async () => {
  for (const ChecksumAlgorithm of ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const) {
    const Tagging = { TagSet: [{ Key: 'algorithm', Value: ChecksumAlgorithm }] };
    await s3.send(new PutBucketTaggingCommand({ Bucket: 'digests', Tagging, ChecksumAlgorithm }));
    await s3.send(new DeleteObjectsCommand({ Bucket: 'digests', Delete: { Objects: [{ Key: 'none' }] }, ChecksumAlgorithm }));
  }
});
