/** Browsers' uploads: forms with a policy, signed in their fields or by nobody. */

import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import { after, test } from 'node:test';
import {
  CreateBucketCommand,
  DeletePublicAccessBlockCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutBucketAclCommand,
  PutBucketPolicyCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { startCloud } from '../../../../tests/live-cloud.ts';

const cloud = await startCloud();
after(() => cloud.close());
const s3 = cloud.client(S3Client);
const Bucket = 'forms-bucket';
await s3.send(new CreateBucketCommand({ Bucket, ObjectOwnership: 'ObjectWriter' }));
await s3.send(new DeletePublicAccessBlockCommand({ Bucket }));

type Fields = Record<string, string>;
const date = new Date(cloud.cloud.clock.now()).toISOString().replace(/[-:]|\.\d+/g, '');
const credential = `test/${date.slice(0, 8)}/us-east-1/s3/aws4_request`;
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
const later = (milliseconds = 60_000) => new Date(cloud.cloud.clock.now() + milliseconds).toISOString();
const inBucket = { bucket: Bucket };
const signing = { 'x-amz-algorithm': 'AWS4-HMAC-SHA256', 'x-amz-credential': credential, 'x-amz-date': date };

function signed(fields: Fields, conditions: unknown[], expiration = later()): Fields {
  const all = [...conditions, ...Object.entries(signing).map(([name, value]) => ({ [name]: value }))];
  const policy = Buffer.from(JSON.stringify({ expiration, conditions: all })).toString('base64');
  const key = hmac(hmac(hmac(hmac('AWS4test', date.slice(0, 8)), 'us-east-1'), 's3'), 'aws4_request');
  return { ...fields, ...signing, policy, 'x-amz-signature': hmac(key, policy).toString('hex') };
}

function signedV2(fields: Fields, conditions: unknown[]): Fields {
  const policy = Buffer.from(JSON.stringify({ expiration: later(), conditions })).toString('base64');
  return { ...fields, AWSAccessKeyId: 'test', policy, signature: createHmac('sha1', 'test').update(policy).digest('base64') };
}

function post(fields: Fields, file: string | Buffer | undefined = 'hello', filename = 'C:\\pictures\\cat.png'): Promise<Response> {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  if (file !== undefined) body.append('file', new Blob([Buffer.from(file)]), filename);
  body.append('after', 'is ignored');
  return fetch(`${cloud.endpoint}/${Bucket}`, { method: 'POST', body, redirect: 'manual' });
}
const get = async (Key: string) => (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body!.transformToString();
async function refusal(response: Promise<Response>, status: number, code: string, words?: RegExp): Promise<void> {
  const answer = await response;
  const text = await answer.text();
  assert.match(text, new RegExp(`<Code>${code}</Code>`));
  if (words) assert.match(text, words);
  assert.equal(answer.status, status);
}

test('a signed form uploads its file with what its fields say', async () => {
  const fields = {
    key: 'user/${filename}',
    'Content-Type': 'image/png',
    'x-amz-meta-Who': 'me',
    tagging: '<Tagging><TagSet><Tag><Key>a</Key><Value>1 + 1</Value></Tag></TagSet></Tagging>',
    'x-ignore-this': '1',
  };
  const conditions = [
    inBucket,
    ['starts-with', '$key', 'user/'],
    ['starts-with', '$Content-Type', 'image/'],
    { 'x-amz-meta-who': 'me' },
    ['starts-with', '$tagging', ''],
    ['content-length-range', 1, 10],
  ];
  const answer = await post(signed(fields, conditions));
  assert.equal(answer.status, 204, await answer.text());
  assert.equal(answer.headers.get('location'), `${cloud.endpoint}/${Bucket}/user/cat.png`);
  assert.equal(await get('user/cat.png'), 'hello');
  const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'user/cat.png' }));
  assert.equal(head.ContentType, 'image/png');
  assert.deepEqual(head.Metadata, { who: 'me' });
  const { TagSet } = await s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'user/cat.png' }));
  assert.deepEqual(TagSet, [{ Key: 'a', Value: '1 + 1' }]);
});

test('the old signature is taken too, and the browser is told as the form asks', async () => {
  const form = (more: Fields) =>
    signedV2({ key: 'v2', ...more }, [inBucket, { key: 'v2' }, ...Object.entries(more).map(([k, v]) => ({ [k]: v }))]);
  const created = await post(form({ success_action_status: '201' }));
  assert.equal(created.status, 201);
  assert.match(await created.text(), /<PostResponse><Location>.*<\/Location><Bucket>forms-bucket<\/Bucket><Key>v2<\/Key><ETag>.*<\/ETag>/);
  assert.equal((await post(form({ success_action_status: '200' }))).status, 200);
  assert.equal((await post(form({ success_action_status: '404' }))).status, 204);
  const sent = await post(form({ success_action_redirect: 'http://example.com/done?a=1' }));
  assert.equal(sent.status, 303);
  assert.equal(
    sent.headers.get('location'),
    'http://example.com/done?a=1&bucket=forms-bucket&key=v2&etag=%225d41402abc4b2a76b9719d911017c592%22',
  );
  assert.equal((await post(form({ success_action_redirect: 'no url' }))).status, 204);
});

test('what the policy does not say is refused, and the signature before it', async () => {
  const key = { key: 'k' };
  await refusal(post({ ...signed(key, [inBucket, key]), 'x-amz-signature': 'ff' }), 403, 'SignatureDoesNotMatch');
  await refusal(post({ ...signedV2(key, [inBucket, key]), AWSAccessKeyId: 'AKIANOBODY' }), 403, 'InvalidAccessKeyId');
  await refusal(post(signed(key, [inBucket, key], later(-1))), 403, 'AccessDenied', /Policy expired/);
  await refusal(
    post(signed(key, [inBucket, { key: 'other' }])),
    403,
    'AccessDenied',
    /Policy Condition failed: \[&quot;eq&quot;|Policy Condition failed: \["eq"/,
  );
  await refusal(post(signed(key, [key])), 403, 'AccessDenied', /Extra input fields: bucket/);
  await refusal(post(signed({ ...key, acl: 'public-read' }, [inBucket, key])), 403, 'AccessDenied', /Extra input fields: acl/);
  await refusal(post(signed(key, [inBucket, key, ['content-length-range', 0, 4]])), 400, 'EntityTooLarge');
  await refusal(post(signed(key, [inBucket, key, ['content-length-range', 6, 9]])), 400, 'EntityTooSmall');
  await refusal(post(signed(key, [inBucket, key, ['content-length-range', 6]])), 400, 'InvalidPolicyDocument');
  await refusal(post(signed(key, [inBucket, key, ['content-length-range', -1, 0]])), 400, 'InvalidPolicyDocument');
  await refusal(post(signed(key, [inBucket, key, {}])), 400, 'InvalidPolicyDocument');
  await refusal(post(signed(key, [inBucket, key, ['ends-with', '$key', 'k']])), 400, 'InvalidPolicyDocument');
  await refusal(post(signed(key, [inBucket, key], 'tomorrow')), 400, 'InvalidPolicyDocument');
  const { policy: _none, ...unsaid } = signedV2(key, []);
  await refusal(post(unsaid), 400, 'InvalidArgument', /policy/);
  assert.equal((await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'k' }))).KeyCount, 0);
});

test('forms that are none are refused', async () => {
  await refusal(post({}), 400, 'InvalidArgument', /field named &apos;key&apos;|field named 'key'/);
  await refusal(post({ key: 'k', 'x-amz-meta-a': 'a'.repeat(21_000) }), 400, 'MaxPostPreDataLengthExceeded');
  const raw = (body: string, type = 'multipart/form-data; boundary=x') =>
    fetch(`${cloud.endpoint}/${Bucket}`, { method: 'POST', body, headers: { 'content-type': type } });
  await refusal(raw('nonsense'), 400, 'MalformedPOSTRequest');
  await refusal(raw('--x--\r\n', 'multipart/form-data'), 400, 'MalformedPOSTRequest');
  await refusal(raw('--x\r\nContent-Disposition: form-data; name="key"\r\n\r\nk\r\n--x--\r\n'), 400, 'InvalidArgument', /exactly one file/);
  await s3.send(new PutBucketAclCommand({ Bucket, ACL: 'public-read-write' }));
  const cut =
    '--x\r\nContent-Disposition: form-data; name="key"\r\n\r\ncut\r\n--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nabc';
  await refusal(raw(cut), 400, 'MalformedPOSTRequest');
  assert.equal((await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'cut' }))).KeyCount, 0);
});

test('without a signature a form is anybody’s, and may what anybody may', async () => {
  await s3.send(new PutBucketAclCommand({ Bucket, ACL: 'private' }));
  await refusal(post({ key: 'anonymous' }), 403, 'AccessDenied');
  await s3.send(new PutBucketAclCommand({ Bucket, ACL: 'public-read-write' }));
  assert.equal((await post({ key: 'anonymous', acl: 'public-read' })).status, 204);
  assert.equal(await (await fetch(`${cloud.endpoint}/${Bucket}/anonymous`)).text(), 'hello');
});

test('a large file flows through, and policies know a form by its kind', async () => {
  const large = randomBytes(12 * 1024 * 1024);
  const form = signed({ key: 'large' }, [inBucket, { key: 'large' }]);
  assert.equal((await post(form, large)).status, 204);
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: 'large' }));
  assert.ok(Buffer.from(await Body!.transformToByteArray()).equals(large));
  const noForms = {
    Effect: 'Deny',
    Principal: '*',
    Action: 's3:PutObject',
    Resource: `arn:aws:s3:::${Bucket}/*`,
    Condition: { StringEquals: { 's3:authType': 'POST' } },
  };
  await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify({ Version: '2012-10-17', Statement: noForms }) }));
  await refusal(post(form, 'again'), 403, 'AccessDenied');
});
