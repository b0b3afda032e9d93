/** Terraform with the unmodified AWS provider: apply, an empty plan, a change, an empty plan again, destroy. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GetUserCommand, IAMClient } from '@aws-sdk/client-iam';
import { GetObjectCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { openTerraform, terraformIsAbsent } from './terraform-bench.ts';

test('Terraform applies, finds nothing to change, changes and destroys', { skip: terraformIsAbsent }, async (t) => {
  const { bench, ok, finds } = await openTerraform(t, 'terraform');
  const s3 = bench.cloud.client(S3Client);
  const page = async (bucket: string): Promise<string> =>
    (await s3.send(new GetObjectCommand({ Bucket: bucket, Key: 'pages/한글 page.html' }))).Body!.transformToString();

  await ok('init');
  assert.match(await ok('apply', '-auto-approve'), /Apply complete! Resources: 19 added, 0 changed, 0 destroyed/);
  assert.equal(await page('terraform-data-test'), '<p>test</p>');
  await finds(false);

  // A new stage replaces the bucket and rewrites policies, descriptions and trust in place.
  await finds(true, '-var=stage=next');
  await ok('apply', '-auto-approve', '-var=stage=next');
  assert.equal(await page('terraform-data-next'), '<p>next</p>');
  await finds(false, '-var=stage=next');
  assert.deepEqual(JSON.parse(await ok('output', '-json', 'account')), '000000000000');

  await ok('destroy', '-auto-approve', '-var=stage=next');
  assert.deepEqual((await s3.send(new ListBucketsCommand())).Buckets ?? [], []);
  await assert.rejects(bench.cloud.client(IAMClient).send(new GetUserCommand({ UserName: 'ada' })), { name: 'NoSuchEntityException' });
});
