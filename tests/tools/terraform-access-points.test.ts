/** Terraform's access points: apply, an empty plan, and they lead to the bucket; a change, an empty plan again, destroy. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GetObjectCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { openTerraform, terraformIsAbsent } from './terraform-bench.ts';

test('Terraform and access points', { skip: terraformIsAbsent }, async (t) => {
  const terraform = await openTerraform(t, 'terraform-access-points');
  const { cloud } = terraform.bench;
  await terraform.ok('init');
  assert.match(await terraform.ok('apply', '-auto-approve'), /Apply complete! Resources: 7 added, 0 changed, 0 destroyed/);
  await terraform.finds(false);

  const s3 = cloud.client(S3Client);
  const Bucket = JSON.parse(await terraform.ok('output', '-json', 'alias')) as string;
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: 'page' }));
  assert.equal(await Body!.transformToString(), 'hello');

  await terraform.finds(true, '-var=action=s3:GetObjectTagging');
  await terraform.ok('apply', '-auto-approve', '-var=action=s3:GetObjectTagging');
  await terraform.finds(false, '-var=action=s3:GetObjectTagging');

  await terraform.ok('destroy', '-auto-approve', '-var=action=s3:GetObjectTagging');
  assert.deepEqual((await s3.send(new ListBucketsCommand())).Buckets ?? [], []);
});
