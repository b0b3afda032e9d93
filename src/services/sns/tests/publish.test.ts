/** Publishing to queues: the envelope, raw delivery, batches, FIFO topics, other accounts, dead letters. */

import assert from 'node:assert/strict';
import { createVerify, X509Certificate } from 'node:crypto';
import { after, before, test } from 'node:test';
import { PublishBatchCommand, PublishCommand, SetSubscriptionAttributesCommand, SNSClient } from '@aws-sdk/client-sns';
import { CreateQueueCommand, DeleteQueueCommand, SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { rootOf } from '../../../../tests/live-cloud.ts';
import { startCast, type Cast } from './cast.ts';

let cast: Cast;
before(async () => {
  cast = await startCast();
});
after(() => cast.cloud.close());

test('a queue gets the message in AWS’s envelope, signed', async () => {
  const { sns, topic, queue, subscribe, received } = cast;
  for (const version of ['1', '2']) {
    const TopicArn = await topic(`signed-${version}`, { SignatureVersion: version });
    const { url, arn } = await queue(`signed-${version}`);
    const subscription = await subscribe(TopicArn, 'sqs', arn);
    const MessageAttributes = { colour: { DataType: 'String', StringValue: 'blue' } };
    const { MessageId } = await sns.send(new PublishCommand({ TopicArn, Subject: 'Hello', Message: 'wörld "1"', MessageAttributes }));
    const [message] = await received(url);
    const body = JSON.parse(message!.Body!);
    assert.equal(body.Type, 'Notification');
    assert.equal(body.MessageId, MessageId);
    assert.equal(body.TopicArn, TopicArn);
    assert.equal(body.Subject, 'Hello');
    assert.equal(body.Message, 'wörld "1"');
    assert.equal(body.SignatureVersion, version);
    assert.deepEqual(body.MessageAttributes, { colour: { Type: 'String', Value: 'blue' } });
    assert.ok(body.UnsubscribeURL.includes(subscription));
    const pem = await (await fetch(body.SigningCertURL)).text();
    const text = ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'].map((name) => `${name}\n${body[name]}\n`).join('');
    const verify = createVerify(version === '1' ? 'RSA-SHA1' : 'RSA-SHA256').update(text);
    assert.ok(verify.verify(new X509Certificate(pem).publicKey, body.Signature, 'base64'));
  }
});

test('a raw delivery is the message itself, with its attributes', async () => {
  const { sns, topic, queue, subscribe, received } = cast;
  const TopicArn = await topic('raw');
  const { url, arn } = await queue('raw');
  await subscribe(TopicArn, 'sqs', arn, { RawMessageDelivery: 'true' });
  const MessageAttributes = {
    n: { DataType: 'Number', StringValue: '7' },
    b: { DataType: 'Binary', BinaryValue: Buffer.from([1, 2, 3]) },
  };
  await sns.send(new PublishCommand({ TopicArn, Message: 'as it is', MessageAttributes }));
  const [message] = await received(url);
  assert.equal(message!.Body, 'as it is');
  assert.equal(message!.MessageAttributes!['n']!.StringValue, '7');
  assert.deepEqual(Buffer.from(message!.MessageAttributes!['b']!.BinaryValue!), Buffer.from([1, 2, 3]));
});

test('a message of 256 KiB arrives whole, a longer one is refused', async () => {
  const { sns, topic, queue, subscribe, received } = cast;
  const TopicArn = await topic('large');
  const { url, arn } = await queue('large');
  await subscribe(TopicArn, 'sqs', arn, { RawMessageDelivery: 'true' });
  const Message = 'x'.repeat(262_144);
  await sns.send(new PublishCommand({ TopicArn, Message }));
  assert.equal((await received(url))[0]!.Body, Message);
  await assert.rejects(sns.send(new PublishCommand({ TopicArn, Message: `${Message}x` })), {
    message: 'Invalid parameter: Message too long',
  });
});

test('what cannot be published is refused in AWS’s words', async () => {
  const { sns, topic } = cast;
  const TopicArn = await topic('refusals');
  const publish = (input: object) => sns.send(new PublishCommand({ TopicArn, Message: 'x', ...input }));
  await assert.rejects(publish({ Message: '' }), { message: 'Invalid parameter: Empty message' });
  await assert.rejects(publish({ Subject: 'a\nb' }), { message: 'Invalid parameter: Subject' });
  await assert.rejects(publish({ MessageStructure: 'json' }), /JSON message body failed to parse/);
  await assert.rejects(publish({ MessageStructure: 'json', Message: '{"sqs":"x"}' }), /No default entry/);
  await assert.rejects(publish({ MessageAttributes: { a: { DataType: 'Odd', StringValue: 'x' } } }), /invalid message attribute type/);
  await assert.rejects(publish({ MessageDeduplicationId: 'x' }), /not valid for this topic type/);
  await assert.rejects(publish({ TopicArn: `${TopicArn}x` }), { name: 'NotFoundException' });
});

test('each protocol gets its own text of a structured message', async () => {
  const { sns, topic, queue, subscribe, received } = cast;
  const TopicArn = await topic('structured');
  const { url, arn } = await queue('structured');
  await subscribe(TopicArn, 'sqs', arn);
  await sns.send(new PublishCommand({ TopicArn, MessageStructure: 'json', Message: '{"default":"d","sqs":"for queues"}' }));
  assert.equal(JSON.parse((await received(url))[0]!.Body!).Message, 'for queues');
});

test('a batch answers for each entry, and one wrong entry refuses it whole', async () => {
  const { sns, topic, queue, subscribe, received } = cast;
  const TopicArn = await topic('batch');
  const { url, arn } = await queue('batch');
  await subscribe(TopicArn, 'sqs', arn, { RawMessageDelivery: 'true' });
  const entries = [
    { Id: 'a', Message: '1' },
    { Id: 'c', Message: '3' },
  ];
  const refused = (wrong: object, message: string) =>
    assert.rejects(
      sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries: [...entries, { Id: 'b', Message: 'x', ...wrong }] })),
      { message },
    );
  await refused({ Message: '' }, 'Invalid parameter: Empty message');
  await refused(
    { MessageStructure: 'json', Message: '{}' },
    'Invalid parameter: Message Structure - No default entry in JSON message body',
  );
  await refused({ Id: 'b.c' }, 'The Id of a batch entry in the batch request contains an impermissible character: b.c');
  await refused({ Message: 'x'.repeat(262_144) }, 'The length of all the messages put together is more than the limit.');
  const answer = await sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries: entries }));
  assert.deepEqual(
    answer.Successful!.map(({ Id }) => Id),
    ['a', 'c'],
  );
  assert.deepEqual((await received(url)).map(({ Body }) => Body).sort(), ['1', '3']);
  await assert.rejects(sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries: [] })), {
    name: 'EmptyBatchRequestException',
  });
  const same = [
    { Id: 'a', Message: '1' },
    { Id: 'a', Message: '2' },
  ];
  await assert.rejects(sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries: same })), {
    name: 'BatchEntryIdsNotDistinctException',
  });
});

test('a FIFO topic keeps the order and drops what was sent within five minutes', async () => {
  const { sns, topic, queue, subscribe, received, cloud } = cast;
  const TopicArn = await topic('ordered.fifo', { FifoTopic: 'true' });
  const { url, arn } = await queue('ordered.fifo', { FifoQueue: 'true' });
  await subscribe(TopicArn, 'sqs', arn, { RawMessageDelivery: 'true' });
  const publish = (Message: string, MessageDeduplicationId: string | undefined = Message) =>
    sns.send(new PublishCommand({ TopicArn, Message, MessageGroupId: 'g', MessageDeduplicationId }));
  const first = await publish('0');
  for (let i = 1; i < 20; i++) await publish(String(i));
  const repeated = await publish('0');
  assert.equal(repeated.MessageId, first.MessageId);
  assert.equal(repeated.SequenceNumber, first.SequenceNumber);
  const got = await received(url);
  assert.deepEqual(
    got.map(({ Body }) => Body),
    Array.from({ length: 20 }, (_, i) => String(i)).slice(0, got.length),
  );
  assert.ok(got.length >= 10);
  await cloud.advance(300_001);
  assert.notEqual((await publish('0')).MessageId, first.MessageId);
  await assert.rejects(sns.send(new PublishCommand({ TopicArn, Message: 'x', MessageGroupId: 'g' })), /ContentBasedDeduplication/);
  await assert.rejects(sns.send(new PublishCommand({ TopicArn, Message: 'x' })), /MessageGroupId parameter is required/);
});

test('a queue of another account needs a confirmation and a policy', async () => {
  const { sns, topic, subscribe, received, cloud } = cast;
  const TopicArn = await topic('abroad');
  const theirs = cloud.client(SQSClient, { credentials: rootOf('111122223333') });
  const QueueUrl = (await theirs.send(new CreateQueueCommand({ QueueName: 'abroad' }))).QueueUrl!;
  const arn = 'arn:aws:sqs:us-east-1:111122223333:abroad';
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'sns.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: arn,
        Condition: { ArnEquals: { 'aws:SourceArn': TopicArn } },
      },
      { Effect: 'Allow', Principal: { AWS: '000000000000' }, Action: 'sqs:*', Resource: arn },
    ],
  });
  await theirs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
  await subscribe(TopicArn, 'sqs', arn);
  await sns.send(new PublishCommand({ TopicArn, Message: 'too early' }));
  const [asked, ...none] = await received(QueueUrl);
  assert.equal(none.length, 0);
  const question = JSON.parse(asked!.Body!);
  assert.equal(question.Type, 'SubscriptionConfirmation');
  assert.equal((await fetch(question.SubscribeURL)).status, 200);
  await sns.send(new PublishCommand({ TopicArn, Message: 'now' }));
  assert.equal(JSON.parse((await received(QueueUrl))[0]!.Body!).Message, 'now');
});

test('what a queue refuses goes to the dead-letter queue', async () => {
  const { sns, sqs, topic, queue, subscribe, received } = cast;
  const TopicArn = await topic('dead');
  const { url, arn } = await queue('short-lived');
  const dead = await queue('dead-letters');
  const SubscriptionArn = await subscribe(TopicArn, 'sqs', arn);
  const AttributeValue = JSON.stringify({ deadLetterTargetArn: dead.arn });
  await sns.send(new SetSubscriptionAttributesCommand({ SubscriptionArn, AttributeName: 'RedrivePolicy', AttributeValue }));
  await sqs.send(new DeleteQueueCommand({ QueueUrl: url }));
  await sns.send(new PublishCommand({ TopicArn, Message: 'nowhere to go' }));
  assert.equal(JSON.parse((await received(dead.url))[0]!.Body!).Message, 'nowhere to go');
});

test('a queue without a policy takes nothing from a topic, of its own account either', async () => {
  const { sns, topic, queue, subscribe, received } = cast;
  const TopicArn = await topic('uninvited');
  const { url, arn } = await queue('closed', { Policy: '' });
  const dead = await queue('closed-dead');
  await subscribe(TopicArn, 'sqs', arn, { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn }) });
  await sns.send(new PublishCommand({ TopicArn, Message: 'x' }));
  assert.equal(JSON.parse((await received(dead.url))[0]!.Body!).Message, 'x');
  assert.deepEqual(await received(url), []);
});

test('a queue’s policy that names another topic keeps this one out', async () => {
  const { sns, sqs, topic, queue, subscribe, received } = cast;
  const TopicArn = await topic('unwelcome');
  const { url, arn } = await queue('guarded');
  const Statement = (source: string) => ({
    ...{ Effect: 'Allow', Principal: { Service: 'sns.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: arn },
    Condition: { ArnEquals: { 'aws:SourceArn': source } },
  });
  const guard = (source: string) =>
    sqs.send(
      new SetQueueAttributesCommand({
        QueueUrl: url,
        Attributes: { Policy: JSON.stringify({ Version: '2012-10-17', Statement: [Statement(source)] }) },
      }),
    );
  await subscribe(TopicArn, 'sqs', arn);
  await guard(`${TopicArn}-other`);
  await sns.send(new PublishCommand({ TopicArn, Message: 'kept out' }));
  assert.deepEqual(await received(url), []);
  await guard(TopicArn);
  await sns.send(new PublishCommand({ TopicArn, Message: 'let in' }));
  assert.deepEqual(
    (await received(url)).map(({ Body }) => JSON.parse(Body!).Message),
    ['let in'],
  );
});

test('a message reaches a hundred queues once each', async () => {
  const { sns, topic, queue, subscribe, received } = cast;
  const TopicArn = await topic('wide');
  const queues = await Promise.all(Array.from({ length: 100 }, (_, i) => queue(`wide-${i}`)));
  await Promise.all(queues.map(({ arn }) => subscribe(TopicArn, 'sqs', arn)));
  await sns.send(new PublishCommand({ TopicArn, Message: 'to all' }));
  for (const { url } of queues) assert.equal((await received(url)).length, 1);
});

test('strangers may not publish', async () => {
  const TopicArn = await cast.topic('closed');
  const other = cast.cloud.client(SNSClient, { credentials: rootOf('111122223333') });
  await assert.rejects(other.send(new PublishCommand({ TopicArn, Message: 'x' })), { name: 'AuthorizationErrorException' });
});
