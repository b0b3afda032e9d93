/** Terraform's queues, topics, streams and delivery streams: apply, an empty plan, and they work; a change, an empty plan again, destroy. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ListStreamsCommand, KinesisClient } from '@aws-sdk/client-kinesis';
import { ListDeliveryStreamsCommand, FirehoseClient } from '@aws-sdk/client-firehose';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { ListQueuesCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { openTerraform, terraformIsAbsent } from './terraform-bench.ts';

test('Terraform and what messages go through', { skip: terraformIsAbsent }, async (t) => {
  const terraform = await openTerraform(t, 'terraform-messaging');
  const { cloud } = terraform.bench;
  await terraform.ok('init');
  assert.match(await terraform.ok('apply', '-auto-approve'), /Apply complete! Resources: 11 added, 0 changed, 0 destroyed/);
  await terraform.finds(false);

  const MessageAttributes = { kind: { DataType: 'String', StringValue: 'urgent' } };
  const TopicArn = 'arn:aws:sns:us-east-1:000000000000:news-test';
  await cloud.client(SNSClient).send(new PublishCommand({ TopicArn, Message: 'hello', MessageAttributes }));
  const sqs = cloud.client(SQSClient);
  const QueueUrl = JSON.parse(await terraform.ok('output', '-json', 'jobs')) as string;
  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 10 }));
  assert.equal(Messages?.[0]?.Body, 'hello');

  await terraform.finds(true, '-var=display_name=Other');
  await terraform.ok('apply', '-auto-approve', '-var=display_name=Other');
  await terraform.finds(false, '-var=display_name=Other');

  await terraform.ok('destroy', '-auto-approve', '-var=display_name=Other');
  assert.deepEqual((await sqs.send(new ListQueuesCommand({}))).QueueUrls ?? [], []);
  const kinesis = cloud.client(KinesisClient, { requestHandler: new NodeHttpHandler() });
  assert.deepEqual((await kinesis.send(new ListStreamsCommand({}))).StreamNames, []);
  assert.deepEqual((await cloud.client(FirehoseClient).send(new ListDeliveryStreamsCommand({}))).DeliveryStreamNames, []);
});
