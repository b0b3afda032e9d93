/** Terraform's resources of S3: apply, an empty plan, and they work; a change, an empty plan again, destroy. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { GetBucketLifecycleConfigurationCommand, HeadObjectCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { openTerraform, terraformIsAbsent } from './terraform-bench.ts';

test('Terraform and the features of buckets', { skip: terraformIsAbsent }, async (t) => {
  const { bench, ok, finds } = await openTerraform(t, 'terraform-s3');
  const { cloud } = bench;
  const s3 = cloud.client(S3Client);
  await ok('init');
  assert.match(await ok('apply', '-auto-approve'), /Apply complete! Resources: \d+ added, 0 changed, 0 destroyed/);
  await finds(false);

  await t.test('what was made works', async () => {
    assert.deepEqual(JSON.parse(await ok('output', '-json', 'keys')), ['in/first page.txt', 'in/second.txt']);
    const copy = await s3.send(new HeadObjectCommand({ Bucket: 'terraform-s3-data', Key: 'in/second.txt' }));
    assert.deepEqual([copy.ServerSideEncryption, copy.BucketKeyEnabled, copy.Metadata], ['aws:kms', true, { author: 'terraform' }]);
    assert.equal(await page(cloud.port, 'terraform-s3-site'), '<p>30</p>');
    const QueueUrl = JSON.parse(await ok('output', '-json', 'queue')) as string;
    const { Messages } = await cloud.client(SQSClient).send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 10 }));
    assert.ok(Messages?.length);
  });

  await t.test('a change in place leaves nothing to plan', async () => {
    await finds(true, '-var=days=45');
    await ok('apply', '-auto-approve', '-var=days=45');
    await finds(false, '-var=days=45');
    const { Rules } = await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket: 'terraform-s3-data' }));
    assert.equal(Rules!.find(({ ID }) => ID === 'old')!.Transitions![0]!.Days, 45);
  });

  await t.test('all goes, what is locked by its hold too', async () => {
    await ok('destroy', '-auto-approve', '-var=days=45');
    assert.deepEqual((await s3.send(new ListBucketsCommand({}))).Buckets ?? [], []);
  });
});

async function page(port: number, bucket: string): Promise<string> {
  const headers = { host: `${bucket}.s3-website-us-east-1.localhost:${port}` };
  const [answer] = (await once(get({ host: '127.0.0.1', port, path: '/', headers }), 'response')) as [IncomingMessage];
  return text(answer);
}
