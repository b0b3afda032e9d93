/** Requester Pays: who must say that they pay, and whose bill it is. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeletePublicAccessBlockCommand,
  GetBucketRequestPaymentCommand,
  GetObjectCommand,
  PutBucketPolicyCommand,
  PutBucketRequestPaymentCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { rootOf, startCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';

const cloud = await startCloud();
after(() => cloud.close());
const s3 = cloud.client(S3Client);
const other = cloud.client(S3Client, { credentials: rootOf('222222222222') });
const nobody = cloud.client(S3Client, { signer: { sign: async (request: unknown) => request } });
const Bucket = 'payers-bucket';
const denied = { code: 'AccessDenied', status: 403 };
const pay = (Payer: string) =>
  s3.send(new PutBucketRequestPaymentCommand({ Bucket, RequestPaymentConfiguration: { Payer: Payer as 'Requester' } }));
const get = (client: S3Client, more: { RequestPayer?: 'requester' } = {}) =>
  client.send(new GetObjectCommand({ Bucket, Key: 'k', ...more }));

await s3.send(new CreateBucketCommand({ Bucket }));
await s3.send(new DeletePublicAccessBlockCommand({ Bucket }));
const everyone = { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/*` };
await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify({ Version: '2012-10-17', Statement: everyone }) }));
await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'twelve bytes' }));

test('strangers must say that they pay, the nameless cannot, the owner need not', async () => {
  await get(nobody);
  await pay('Requester');
  assert.equal((await s3.send(new GetBucketRequestPaymentCommand({ Bucket }))).Payer, 'Requester');
  await refused(get(other), denied);
  await refused(get(nobody), denied);
  await refused(get(nobody, { RequestPayer: 'requester' }), denied);
  assert.equal((await get(other, { RequestPayer: 'requester' })).RequestCharged, 'requester');
  assert.equal((await get(s3)).RequestCharged, undefined);
  const Name = 'payers-other-bucket';
  await other.send(new CreateBucketCommand({ Bucket: Name }));
  const copy = { Bucket: Name, Key: 'copy', CopySource: `${Bucket}/k` };
  await refused(other.send(new CopyObjectCommand(copy)), denied);
  await other.send(new CopyObjectCommand({ ...copy, RequestPayer: 'requester' }));
  await pay('BucketOwner');
  await get(nobody);
  await refused(pay('Nobody'), 'MalformedXML');
});
