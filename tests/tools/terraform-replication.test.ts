/** Terraform's replication and inventories of buckets: apply, an empty plan, and they work; a change, an empty plan again, destroy. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  GetBucketInventoryConfigurationCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { openTerraform, terraformIsAbsent } from './terraform-bench.ts';

test('Terraform and a bucket that is replicated', { skip: terraformIsAbsent }, async (t) => {
  const terraform = await openTerraform(t, 'terraform-replication');
  const { cloud } = terraform.bench;
  await terraform.ok('init');
  assert.match(await terraform.ok('apply', '-auto-approve'), /Apply complete! Resources: 9 added, 0 changed, 0 destroyed/);
  await terraform.finds(false);

  const near = cloud.client(S3Client);
  await near.send(new PutObjectCommand({ Bucket: 'replicated-source', Key: 'logs/a', Body: 'a', Tagging: 'stage=live' }));
  await near.send(new PutObjectCommand({ Bucket: 'replicated-source', Key: 'b', Body: 'b' }));
  await cloud.cloud.settled();
  const far = cloud.client(S3Client, { region: 'eu-west-1' });
  const classOf = async (Key: string) => (await far.send(new HeadObjectCommand({ Bucket: 'replicated-destination', Key }))).StorageClass;
  assert.deepEqual([await classOf('logs/a'), await classOf('b')], ['STANDARD_IA', undefined]);
  const inventory = new GetBucketInventoryConfigurationCommand({ Bucket: 'replicated-source', Id: 'everything' });
  assert.equal((await near.send(inventory)).InventoryConfiguration?.IncludedObjectVersions, 'All');

  await terraform.finds(true, '-var=storage_class=ONEZONE_IA');
  await terraform.ok('apply', '-auto-approve', '-var=storage_class=ONEZONE_IA');
  await terraform.finds(false, '-var=storage_class=ONEZONE_IA');
  await terraform.ok('destroy', '-auto-approve', '-var=storage_class=ONEZONE_IA');
  assert.deepEqual((await near.send(new ListBucketsCommand({}))).Buckets ?? [], []);
});
