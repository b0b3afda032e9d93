/** Queues: create, find, list, attributes, tags, purge, delete; who may. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
  TagQueueCommand,
  UntagQueueCommand,
} from '@aws-sdk/client-sqs';
import { rootOf, startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';

let cloud: LiveCloud;
let sqs: SQSClient;
before(async () => {
  cloud = await startCloud();
  sqs = cloud.client(SQSClient);
});
after(() => cloud.close());

const create = async (name: string, attributes: Record<string, string> = {}, client = sqs): Promise<string> =>
  (await client.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }))).QueueUrl!;
const attributesOf = async (url: string, names = ['All']): Promise<Record<string, string>> =>
  (await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: names as never }))).Attributes ?? {};

test('a queue has the URL of the host that was called, and the defaults of AWS', async () => {
  const url = await create('defaults');
  assert.equal(url, `${cloud.endpoint}/000000000000/defaults`);
  const { CreatedTimestamp, LastModifiedTimestamp, ...attributes } = await attributesOf(url);
  assert.equal(CreatedTimestamp, LastModifiedTimestamp);
  assert.deepEqual(attributes, {
    QueueArn: 'arn:aws:sqs:us-east-1:000000000000:defaults',
    ApproximateNumberOfMessages: '0',
    ApproximateNumberOfMessagesNotVisible: '0',
    ApproximateNumberOfMessagesDelayed: '0',
    VisibilityTimeout: '30',
    MaximumMessageSize: '1048576',
    MessageRetentionPeriod: '345600',
    DelaySeconds: '0',
    ReceiveMessageWaitTimeSeconds: '0',
    SqsManagedSseEnabled: 'true',
  });
  assert.deepEqual(await attributesOf(url, ['DelaySeconds']), { DelaySeconds: '0' });
  await assert.rejects(attributesOf(url, ['Colour']), { name: 'InvalidAttributeName', message: 'Unknown Attribute Colour.' });
});

test('the same queue may be created again, but not with other attributes', async () => {
  const url = await create('twice', { DelaySeconds: '5' });
  assert.equal(await create('twice', { DelaySeconds: '5' }), url);
  assert.equal(await create('twice'), url);
  await assert.rejects(create('twice', { DelaySeconds: '6' }), {
    name: 'QueueNameExists',
    message: 'A queue already exists with the same name and a different value for attribute DelaySeconds',
  });
});

test('names and attributes are checked', async () => {
  await assert.rejects(create('not a name'), {
    message: 'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length',
  });
  await assert.rejects(create('x.fifo'), /Can only include/);
  await assert.rejects(create('x', { FifoQueue: 'true' }), /must end with \.fifo suffix/);
  await assert.rejects(create('x', { DelaySeconds: '901' }), {
    name: 'InvalidAttributeValue',
    message: 'Invalid value for the parameter DelaySeconds.',
  });
  await assert.rejects(create('x', { ContentBasedDeduplication: 'true' }), { message: 'Unknown Attribute ContentBasedDeduplication.' });
  await assert.rejects(create('x', { DeduplicationScope: 'queue' }), /only when FifoQueue is set to true/);
  await assert.rejects(create('x', { Policy: '{' }), { name: 'InvalidAttributeValue' });
  await assert.rejects(create('x', { KmsMasterKeyId: 'alias/a', SqsManagedSseEnabled: 'true' }), /one type of server-side encryption/);
});

test('a queue is known by its name alone, and a host alone is no queue', async () => {
  await create('by-name');
  // The SDK for JavaScript takes a QueueUrl for the address to call, unless it is told not to.
  const plain = cloud.client(SQSClient, { useQueueUrlAsEndpoint: false });
  await plain.send(new SendMessageCommand({ QueueUrl: 'by-name', MessageBody: 'x' }));
  const { Messages } = await plain.send(new ReceiveMessageCommand({ QueueUrl: 'by-name' }));
  assert.equal(Messages?.[0]?.Body, 'x');
  for (const QueueUrl of ['no-such-name', 'http://somewhere'])
    await assert.rejects(plain.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] })), { name: 'QueueDoesNotExist' });
});

test('FifoQueue is read in any case, and a standard queue does not know it', async () => {
  const url = await create('cased.fifo', { FifoQueue: 'True' });
  assert.equal((await attributesOf(url))['FifoQueue'], 'true');
  for (const name of ['plain', 'plain.fifo'])
    await assert.rejects(create(name, { FifoQueue: 'false' }), { name: 'InvalidAttributeName', message: 'Unknown Attribute FifoQueue.' });
});

test("a queue's policy may name a resource that is no ARN", async () => {
  const statement = { Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sqs:SendMessage', Resource: 'some-queue' };
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  assert.equal((await attributesOf(await create('loose', { Policy })))['Policy'], Policy);
});

test('queues are listed by prefix and by pages, and found by name', async () => {
  for (const name of ['list-a', 'list-b', 'list-c', 'other']) await create(name);
  const all = await sqs.send(new ListQueuesCommand({ QueueNamePrefix: 'list-' }));
  assert.deepEqual(
    all.QueueUrls?.map((url) => url.split('/').at(-1)),
    ['list-a', 'list-b', 'list-c'],
  );
  const first = await sqs.send(new ListQueuesCommand({ QueueNamePrefix: 'list-', MaxResults: 2 }));
  assert.equal(first.QueueUrls?.length, 2);
  const second = await sqs.send(new ListQueuesCommand({ QueueNamePrefix: 'list-', MaxResults: 2, NextToken: first.NextToken! }));
  assert.deepEqual(
    second.QueueUrls?.map((url) => url.split('/').at(-1)),
    ['list-c'],
  );
  assert.equal(second.NextToken, undefined);
  assert.match((await sqs.send(new GetQueueUrlCommand({ QueueName: 'list-b' }))).QueueUrl!, /list-b$/);
  await assert.rejects(sqs.send(new GetQueueUrlCommand({ QueueName: 'nowhere' })), {
    name: 'QueueDoesNotExist',
    message: 'The specified queue does not exist.',
  });
});

test('accounts and regions are kept apart', async () => {
  await create('apart');
  const elsewhere = cloud.client(SQSClient, { region: 'eu-west-1' });
  await assert.rejects(elsewhere.send(new GetQueueUrlCommand({ QueueName: 'apart' })), { name: 'QueueDoesNotExist' });
  const stranger = cloud.client(SQSClient, { credentials: rootOf('111122223333') });
  await assert.rejects(stranger.send(new GetQueueUrlCommand({ QueueName: 'apart' })), { name: 'QueueDoesNotExist' });
  await assert.rejects(
    stranger.send(new GetQueueUrlCommand({ QueueName: 'apart', QueueOwnerAWSAccountId: '000000000000' })),
    /not authorized/,
  );
});

test('attributes change, and empty ones are taken away', async () => {
  const url = await create('changing');
  const policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: '111122223333' }, Action: 'sqs:SendMessage', Resource: '*' }],
  });
  await sqs.send(
    new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { VisibilityTimeout: '7', Policy: policy, KmsMasterKeyId: 'alias/x' } }),
  );
  const set = await attributesOf(url);
  assert.deepEqual(
    [set['VisibilityTimeout'], set['Policy'], set['KmsMasterKeyId'], set['SqsManagedSseEnabled']],
    ['7', policy, 'alias/x', 'false'],
  );
  const stranger = cloud.client(SQSClient, { credentials: rootOf('111122223333') });
  const across = () => stranger.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'across' }));
  await assert.rejects(across(), { name: 'KmsNotFound' });
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { KmsMasterKeyId: '' } }));
  await across();
  await assert.rejects(stranger.send(new ReceiveMessageCommand({ QueueUrl: url })), /sqs:ReceiveMessage/);
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { Policy: '' } }));
  assert.equal((await attributesOf(url))['Policy'], undefined);
  await assert.rejects(across(), /not authorized/);
  await assert.rejects(sqs.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { FifoQueue: 'true' } })), {
    message: 'Unknown Attribute FifoQueue.',
  });
});

test('tags come and go', async () => {
  const url = (await sqs.send(new CreateQueueCommand({ QueueName: 'tagged', tags: { team: 'a', __proto__x: 'b' } }))).QueueUrl!;
  await sqs.send(new TagQueueCommand({ QueueUrl: url, Tags: { team: 'b', cost: '1' } }));
  await sqs.send(new UntagQueueCommand({ QueueUrl: url, TagKeys: ['__proto__x'] }));
  assert.deepEqual((await sqs.send(new ListQueueTagsCommand({ QueueUrl: url }))).Tags, { team: 'b', cost: '1' });
});

test('a purge empties the queue, once a minute', async () => {
  const url = await create('purged');
  await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'x'.repeat(5000) }));
  await sqs.send(new PurgeQueueCommand({ QueueUrl: url }));
  assert.equal((await sqs.send(new ReceiveMessageCommand({ QueueUrl: url }))).Messages, undefined);
  await assert.rejects(sqs.send(new PurgeQueueCommand({ QueueUrl: url })), {
    name: 'PurgeQueueInProgress',
    message: 'Only one PurgeQueue operation on purged is allowed every 60 seconds.',
  });
  await cloud.advance(60_000);
  await sqs.send(new PurgeQueueCommand({ QueueUrl: url }));
});

test('a deleted queue is gone, and its name rests for a minute', async () => {
  const url = await create('mortal');
  await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'old' }));
  await sqs.send(new DeleteQueueCommand({ QueueUrl: url }));
  await assert.rejects(sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'x' })), { name: 'QueueDoesNotExist' });
  await assert.rejects(create('mortal'), { name: 'QueueDeletedRecently' });
  await cloud.advance(60_000);
  await create('mortal');
  assert.equal((await sqs.send(new ReceiveMessageCommand({ QueueUrl: url }))).Messages, undefined);
});

test('a user may do what a policy allows', async () => {
  const url = await create('guarded');
  const iam = cloud.client(IAMClient);
  await iam.send(new CreateUserCommand({ UserName: 'sender' }));
  const statement = { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: 'arn:aws:sqs:us-east-1:000000000000:guarded' };
  await iam.send(
    new PutUserPolicyCommand({
      UserName: 'sender',
      PolicyName: 'p',
      PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: statement }),
    }),
  );
  const { AccessKey: key } = await iam.send(new CreateAccessKeyCommand({ UserName: 'sender' }));
  const sender = cloud.client(SQSClient, { credentials: { accessKeyId: key!.AccessKeyId!, secretAccessKey: key!.SecretAccessKey! } });
  await sender.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'x' }));
  await assert.rejects(sender.send(new ReceiveMessageCommand({ QueueUrl: url })), /is not authorized to perform: sqs:ReceiveMessage/);
});
