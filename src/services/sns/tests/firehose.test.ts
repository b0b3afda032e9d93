/** Topics with delivery streams among their subscribers. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CreateDeliveryStreamCommand, FirehoseClient } from '@aws-sdk/client-firehose';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { PublishCommand } from '@aws-sdk/client-sns';
import { startCast, type Cast } from './cast.ts';

let cast: Cast;
let s3: S3Client;
const stream = 'arn:aws:firehose:us-east-1:000000000000:deliverystream/archive';

before(async () => {
  cast = await startCast();
  s3 = cast.cloud.client(S3Client);
  await s3.send(new CreateBucketCommand({ Bucket: 'archive' }));
  const RoleARN = await role('deliverer', 'firehose.amazonaws.com', 's3:PutObject');
  await cast.cloud.client(FirehoseClient).send(
    new CreateDeliveryStreamCommand({
      DeliveryStreamName: 'archive',
      ExtendedS3DestinationConfiguration: {
        ...{ RoleARN, BucketARN: 'arn:aws:s3:::archive', Prefix: 'news/' },
        BufferingHints: { IntervalInSeconds: 60, SizeInMBs: 1 },
      },
    }),
  );
});
after(() => cast.cloud.close());

async function role(RoleName: string, Service: string, Action: string): Promise<string> {
  const iam = cast.cloud.client(IAMClient);
  const document = (statement: object) => JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] });
  const AssumeRolePolicyDocument = document({ Principal: { Service }, Action: 'sts:AssumeRole' });
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
  const PolicyDocument = document({ Action, Resource: '*' });
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'own', PolicyDocument }));
  return Role!.Arn!;
}

async function archived(): Promise<string[]> {
  await cast.cloud.cloud.settled();
  await cast.cloud.advance(60_000);
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'archive' }));
  const lines: string[] = [];
  for (const { Key } of Contents) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'archive', Key }));
    lines.push(...(await Body!.transformToString()).trimEnd().split('\n'));
  }
  return lines;
}

test('messages reach S3 through a delivery stream, a line each', async () => {
  const { sns, topic, subscribe } = cast;
  const TopicArn = await topic('news');
  await assert.rejects(subscribe(TopicArn, 'firehose', stream), /SubscriptionRoleArn/);
  const SubscriptionRoleArn = await role('publisher', 'sns.amazonaws.com', 'firehose:PutRecord');
  await subscribe(TopicArn, 'firehose', stream, { SubscriptionRoleArn });
  await sns.send(new PublishCommand({ TopicArn, Message: 'one', Subject: 'S' }));
  await sns.send(new PublishCommand({ TopicArn, Message: 'two' }));
  const found = (await archived()).map((line) => JSON.parse(line) as { Type: string; Message: string });
  assert.deepEqual(found.map(({ Type, Message }) => [Type, Message]).sort(), [
    ['Notification', 'one'],
    ['Notification', 'two'],
  ]);
});

test('a role that does not trust SNS, or may not put, sends its messages to the dead-letter queue', async () => {
  const { sns, topic, subscribe, queue, received } = cast;
  for (const [name, service, action] of [
    ['distrusting', 'lambda.amazonaws.com', 'firehose:PutRecord'],
    ['powerless', 'sns.amazonaws.com', 'firehose:ListDeliveryStreams'],
  ] as const) {
    const TopicArn = await topic(name);
    const dead = await queue(`dead-${name}`);
    const SubscriptionRoleArn = await role(name, service, action);
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn });
    await subscribe(TopicArn, 'firehose', stream, { SubscriptionRoleArn, RedrivePolicy, RawMessageDelivery: 'true' });
    await sns.send(new PublishCommand({ TopicArn, Message: `of ${name}` }));
    assert.deepEqual(
      (await received(dead.url)).map(({ Body }) => Body),
      [`of ${name}`],
    );
  }
});
