/** Terraform's policies, keys, archives, logs and subscriptions of messaging: apply, an empty plan, destroy. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ListSubscriptionsCommand, ListTopicsCommand, SNSClient } from '@aws-sdk/client-sns';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { openTerraform, terraformIsAbsent } from './terraform-bench.ts';

test('Terraform and every kind of what carries messages', { skip: terraformIsAbsent }, async (t) => {
  const terraform = await openTerraform(t, 'terraform-messaging-kinds');
  await terraform.ok('init');
  assert.match(await terraform.ok('apply', '-auto-approve'), /Apply complete! Resources: 23 added, 0 changed, 0 destroyed/);
  await terraform.finds(false);
  const sns = terraform.bench.cloud.client(SNSClient);
  assert.equal((await sns.send(new ListSubscriptionsCommand({}))).Subscriptions!.length, 3);
  await terraform.ok('apply', '-auto-approve', '-var=archives=false');
  await terraform.ok('destroy', '-auto-approve', '-var=archives=false');
  assert.deepEqual((await sns.send(new ListTopicsCommand({}))).Topics, []);
  assert.deepEqual((await terraform.bench.cloud.client(SQSClient).send(new ListQueuesCommand({}))).QueueUrls ?? [], []);
});
