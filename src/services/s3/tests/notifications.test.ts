/** Notifications to queues and topics: who is told of what, in which words, and that nothing is forgotten. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectTaggingCommand,
  GetBucketNotificationConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
  UploadPartCommand,
  type NotificationConfiguration,
} from '@aws-sdk/client-s3';
import { CreateTopicCommand, SNSClient, SetTopicAttributesCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, DeleteMessageCommand, DeleteQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';

const cloud = await startCloud();
after(() => cloud.close());
const s3 = cloud.client(S3Client);
const sqs = cloud.client(SQSClient);
const sns = cloud.client(SNSClient);
const arn = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;
const open = (service: string, Action: string, Resource: string) =>
  JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', Principal: { Service: service }, Action, Resource } });
let made = 0;

async function queue(service = 's3.amazonaws.com'): Promise<{ name: string; url: string }> {
  const name = `queue-${++made}`;
  const Attributes = { Policy: open(service, 'sqs:SendMessage', arn(name)) };
  return { name, url: (await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes }))).QueueUrl! };
}
async function bucket(): Promise<string> {
  const Bucket = `notifying-${++made}`;
  await s3.send(new CreateBucketCommand({ Bucket }));
  return Bucket;
}
const notify = (Bucket: string, NotificationConfiguration: NotificationConfiguration, more = {}) =>
  s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration, ...more }));
const put = (Bucket: string, Key: string) => s3.send(new PutObjectCommand({ Bucket, Key, Body: 'hello' }));

/** Takes all that is in a queue. */
async function taken(url: string): Promise<Record<string, any>[]> {
  await cloud.cloud.settled();
  const bodies: Record<string, any>[] = [];
  for (;;) {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10 }));
    if (Messages.length === 0) return bodies;
    for (const { Body, ReceiptHandle } of Messages) {
      bodies.push(JSON.parse(Body!) as Record<string, any>);
      await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
    }
  }
}
const records = async (url: string) => (await taken(url)).flatMap((body) => (body['Records'] ?? []) as Record<string, any>[]);
const named = async (url: string) => (await records(url)).map((record) => `${record['eventName']} ${record['s3'].object.key}`);

test('a queue is sent a test event, then what its configuration asks for', async () => {
  const Bucket = await bucket();
  const { name, url } = await queue();
  const Filter = {
    Key: {
      FilterRules: [
        { Name: 'prefix' as const, Value: 'in/' },
        { Name: 'suffix' as const, Value: '.txt' },
      ],
    },
  };
  const wanted = { Id: 'mine', QueueArn: arn(name), Events: ['s3:ObjectCreated:*' as const], Filter };
  await notify(Bucket, { QueueConfigurations: [wanted] });
  const [tested] = await taken(url);
  assert.deepEqual([tested!['Event'], tested!['Bucket'], tested!['Service']], ['s3:TestEvent', Bucket, 'Amazon S3']);
  const { QueueConfigurations } = await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }));
  assert.equal(QueueConfigurations![0]!.Id, 'mine');

  await put(Bucket, 'out/a.txt');
  await put(Bucket, 'in/a.bin');
  const { ETag } = await put(Bucket, 'in/a b+ü.txt');
  const [record, ...more] = await records(url);
  assert.equal(more.length, 0);
  assert.equal(record!['eventVersion'], '2.1');
  assert.equal(record!['eventName'], 'ObjectCreated:Put');
  assert.equal(record!['awsRegion'], 'us-east-1');
  assert.equal(record!['userIdentity'].principalId, 'AWS:000000000000');
  assert.equal(record!['requestParameters'].sourceIPAddress, '127.0.0.1');
  const { configurationId, bucket: about, object } = record!['s3'];
  assert.deepEqual([configurationId, about.name, about.arn], ['mine', Bucket, `arn:aws:s3:::${Bucket}`]);
  assert.deepEqual([object.key, object.size, `"${object.eTag}"`], ['in/a+b%2B%C3%BC.txt', 5, ETag]);
  await notify(Bucket, {});
  await put(Bucket, 'in/b.txt');
  assert.deepEqual(await records(url), []);
});

test('every way to make and unmake an object has its event, ordered by sequencer', async () => {
  const Bucket = await bucket();
  const { name, url } = await queue();
  await notify(Bucket, {
    QueueConfigurations: [{ QueueArn: arn(name), Events: ['s3:ObjectCreated:*', 's3:ObjectRemoved:*', 's3:ObjectTagging:*'] }],
  });
  await put(Bucket, 'k');
  await s3.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/k` }));
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'parts' }));
  const { ETag } = await s3.send(new UploadPartCommand({ Bucket, Key: 'parts', UploadId, PartNumber: 1, Body: 'x' }));
  await s3.send(
    new CompleteMultipartUploadCommand({ Bucket, Key: 'parts', UploadId, MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] } }),
  );
  await s3.send(new PutObjectTaggingCommand({ Bucket, Key: 'k', Tagging: { TagSet: [{ Key: 'a', Value: 'b' }] } }));
  await s3.send(new DeleteObjectTaggingCommand({ Bucket, Key: 'k' }));
  await s3.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
  await s3.send(new DeleteObjectCommand({ Bucket, Key: 'never-there' }));
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
  await put(Bucket, 'v');
  const { VersionId } = await s3.send(new DeleteObjectCommand({ Bucket, Key: 'v' }));
  const all = await records(url);
  const inOrder = all.toSorted((a, b) => (a['s3'].object.sequencer < b['s3'].object.sequencer ? -1 : 1));
  assert.deepEqual(
    inOrder.map((record) => `${record['eventName']} ${record['s3'].object.key}`),
    [
      'ObjectCreated:Put k',
      'ObjectCreated:Copy copy',
      'ObjectCreated:CompleteMultipartUpload parts',
      'ObjectTagging:Put k',
      'ObjectTagging:Delete k',
      'ObjectRemoved:Delete k',
      'ObjectRemoved:Delete never-there',
      'ObjectCreated:Put v',
      'ObjectRemoved:DeleteMarkerCreated v',
    ],
  );
  assert.equal(inOrder.at(-1)!['s3'].object.versionId, VersionId);
});

test('a topic tells its own subscribers', async () => {
  const Bucket = await bucket();
  const { name, url } = await queue('sns.amazonaws.com');
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'objects' }));
  const Topics = { TopicConfigurations: [{ TopicArn, Events: ['s3:ObjectCreated:Put' as const] }] };
  await assert.rejects(notify(Bucket, Topics), { name: 'InvalidArgument' });
  const AttributeValue = open('s3.amazonaws.com', 'sns:Publish', TopicArn!);
  await sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName: 'Policy', AttributeValue }));
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: arn(name), Attributes: { RawMessageDelivery: 'true' } }));
  await notify(Bucket, Topics);
  await put(Bucket, 'k');
  assert.deepEqual(await named(url), ['ObjectCreated:Put k']);
});

test('a queue that is away is tried again, until it is there', async () => {
  const Bucket = await bucket();
  const { name, url } = await queue();
  await notify(Bucket, { QueueConfigurations: [{ QueueArn: arn(name), Events: ['s3:ObjectCreated:*'] }] });
  await sqs.send(new DeleteQueueCommand({ QueueUrl: url }));
  await put(Bucket, 'late');
  await cloud.advance(70_000);
  const Attributes = { Policy: open('s3.amazonaws.com', 'sqs:SendMessage', arn(name)) };
  await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes }));
  await cloud.advance(30 * 60_000);
  assert.deepEqual(await named(url), ['ObjectCreated:Put late']);
});

test('destinations that cannot be are refused in the words of AWS', async () => {
  const Bucket = await bucket();
  const { name } = await queue();
  const one = (QueueArn: string, Events: string[] = ['s3:ObjectCreated:*'], more = {}) => ({
    QueueConfigurations: [{ QueueArn, Events: Events as 's3:ObjectCreated:*'[], ...more }],
  });
  const refusal = await refused(notify(Bucket, one(arn('nowhere'))), 'InvalidArgument');
  assert.equal(refusal['message'], 'Unable to validate the following destination configurations');
  await notify(Bucket, one(arn('nowhere')), { SkipDestinationValidation: true });
  await sqs.send(new CreateQueueCommand({ QueueName: 'closed' }));
  await refused(notify(Bucket, one(arn('closed'))), 'InvalidArgument');
  await refused(notify(Bucket, one('arn:aws:sqs:eu-west-1:000000000000:q')), { code: 'InvalidArgument', message: /location constraint/ });
  await refused(notify(Bucket, one('nonsense')), { code: 'InvalidArgument', message: 'The ARN could not be parsed' });
  await refused(notify(Bucket, one(arn('q.fifo'))), { code: 'InvalidArgument', message: /FIFO/ });
  await refused(notify(Bucket, one(arn(name), ['s3:Nonsense'])), { code: 'InvalidArgument', message: /is not supported/ });
  await refused(
    notify(Bucket, one(arn(name), undefined, { Filter: { Key: { FilterRules: [{ Name: 'middle', Value: 'x' }] } } })),
    'InvalidArgument',
  );
  const both = [...one(arn(name)).QueueConfigurations, ...one(arn(name), ['s3:ObjectCreated:Put']).QueueConfigurations];
  await refused(notify(Bucket, { QueueConfigurations: both }), { code: 'InvalidArgument', message: /Configurations overlap/ });
  await refused(notify(Bucket, { EventBridgeConfiguration: {} }), { code: 'NotImplemented', status: 501 });
  const LambdaFunctionArn = 'arn:aws:lambda:us-east-1:000000000000:function:f';
  const functions = { LambdaFunctionConfigurations: [{ LambdaFunctionArn, Events: ['s3:ObjectCreated:*' as const] }] };
  await refused(notify(Bucket, functions), {
    code: 'InvalidArgument',
    message: 'Unable to validate the following destination configurations',
  });
});
