/** Archives of FIFO topics, and their replay to subscriptions. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  CreateTopicCommand,
  DeleteTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  PublishBatchCommand,
  PublishCommand,
  SetSubscriptionAttributesCommand,
  SetTopicAttributesCommand,
} from '@aws-sdk/client-sns';
import { DeleteMessageCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { archivedMessages, topics } from '../tables.ts';
import { startCast, type Cast } from './cast.ts';

let cast: Cast;
before(async () => {
  cast = await startCast();
});
after(() => cast.cloud.close());

const minute = 60_000;
const days = (count: number): string => JSON.stringify({ MessageRetentionPeriod: String(count) });
const archiving = (name: string, retention = 30): Promise<string> =>
  cast.topic(`${name}.fifo`, { FifoTopic: 'true', ContentBasedDeduplication: 'true', ArchivePolicy: days(retention) });
const publish = (TopicArn: string, Message: string, more: object = {}) =>
  cast.sns.send(new PublishCommand({ TopicArn, Message, MessageGroupId: 'g', ...more }));
const moment = (milliseconds = cast.cloud.cloud.clock.now()): string => new Date(milliseconds).toISOString();
const replayOf = (StartingPoint: string, EndingPoint?: string): string =>
  JSON.stringify({ PointType: 'Timestamp', StartingPoint, ...(EndingPoint !== undefined && { EndingPoint }) });
const set = (SubscriptionArn: string, AttributeName: string, AttributeValue: string) =>
  cast.sns.send(new SetSubscriptionAttributesCommand({ SubscriptionArn, AttributeName, AttributeValue }));
const attributesOf = async (SubscriptionArn: string) =>
  (await cast.sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }))).Attributes!;
const topicAttributes = async (TopicArn: string) => (await cast.sns.send(new GetTopicAttributesCommand({ TopicArn }))).Attributes!;
/** Takes and deletes: a group of a FIFO queue waits for what is in flight. */
async function drained(url: string): Promise<{ Message: string; Replayed?: string; MessageId: string; SequenceNumber: string }[]> {
  await cast.cloud.cloud.settled();
  const all = [];
  for (;;) {
    const { Messages = [] } = await cast.sqs.send(new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10 }));
    if (Messages.length === 0) return all;
    for (const { Body, ReceiptHandle } of Messages) {
      all.push(JSON.parse(Body!));
      await cast.sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
    }
  }
}

test('a new subscription gets what was published before it, then what is new, in order', async () => {
  const TopicArn = await archiving('late');
  const began = moment();
  assert.equal((await topicAttributes(TopicArn))['BeginningArchiveTime'], began);
  assert.equal((await topicAttributes(TopicArn))['ArchivePolicy'], days(30));
  const { MessageId, SequenceNumber } = await publish(TopicArn, 'one');
  await publish(TopicArn, 'x'.repeat(5_000));
  await cast.cloud.advance(10 * minute);
  const { url, arn } = await cast.queue('late.fifo', { FifoQueue: 'true' });
  const subscription = await cast.subscribe(TopicArn, 'sqs', arn, { ReplayPolicy: replayOf(began) });
  await publish(TopicArn, 'three');
  const got = await drained(url);
  assert.deepEqual(
    got.map(({ Message, Replayed }) => [Message.slice(0, 5), Replayed]),
    [
      ['one', 'true'],
      ['xxxxx', 'true'],
      ['three', undefined],
    ],
  );
  assert.deepEqual([got[0]!.MessageId, got[0]!.SequenceNumber], [MessageId, SequenceNumber]);
  assert.equal((await attributesOf(subscription))['ReplayStatus'], 'Completed');
  await publish(TopicArn, 'four');
  assert.deepEqual(
    (await drained(url)).map(({ Message }) => Message),
    ['four'],
  );
});

test('a replay right after the first delivery is not taken for a repetition; a filter narrows it down', async () => {
  const TopicArn = await archiving('soon');
  const { url, arn } = await cast.queue('soon.fifo', { FifoQueue: 'true' });
  const subscription = await cast.subscribe(TopicArn, 'sqs', arn);
  const began = moment();
  const colour = (StringValue: string) => ({ MessageAttributes: { colour: { DataType: 'String', StringValue } } });
  await publish(TopicArn, 'red one', colour('red'));
  await publish(TopicArn, 'blue one', colour('blue'));
  assert.equal((await drained(url)).length, 2);
  await set(subscription, 'FilterPolicy', '{"colour":["blue"]}');
  await set(subscription, 'ReplayPolicy', replayOf(began));
  assert.deepEqual(
    (await drained(url)).map(({ Message, Replayed }) => [Message, Replayed]),
    [['blue one', 'true']],
  );
});

test('a replay with an end sends what lies between, and nothing new until the policy is taken away', async () => {
  const TopicArn = await archiving('between');
  const { url, arn } = await cast.queue('between.fifo', { FifoQueue: 'true' });
  const subscription = await cast.subscribe(TopicArn, 'sqs', arn);
  await publish(TopicArn, 'before');
  await cast.cloud.advance(minute);
  const from = moment();
  await publish(TopicArn, 'within');
  await cast.cloud.advance(minute);
  const until = moment(cast.cloud.cloud.clock.now() - 1);
  await publish(TopicArn, 'after');
  assert.equal((await drained(url)).length, 3);
  await set(subscription, 'ReplayPolicy', replayOf(from, until));
  await publish(TopicArn, 'new');
  assert.deepEqual(
    (await drained(url)).map(({ Message }) => Message),
    ['within'],
  );
  assert.equal((await attributesOf(subscription))['ReplayStatus'], 'Completed');
  await set(subscription, 'ReplayPolicy', '{}');
  assert.equal((await attributesOf(subscription))['ReplayStatus'], undefined);
  await publish(TopicArn, 'newer');
  assert.deepEqual(
    (await drained(url)).map(({ Message }) => Message),
    ['newer'],
  );
});

test('what is older than the retention leaves the archive, and an archive that ended is gone', async () => {
  const TopicArn = await archiving('short', 1);
  const began = moment();
  await cast.sns.send(
    new PublishBatchCommand({
      TopicArn,
      PublishBatchRequestEntries: ['a', 'b'].map((Id) => ({ Id, Message: `old ${Id}`, MessageGroupId: 'g' })),
    }),
  );
  await cast.cloud.advance(25 * 60 * minute);
  await publish(TopicArn, 'young');
  assert.equal((await topicAttributes(TopicArn))['BeginningArchiveTime'], moment(cast.cloud.cloud.clock.now() - 24 * 60 * minute));
  const { url, arn } = await cast.queue('short.fifo', { FifoQueue: 'true' });
  await cast.subscribe(TopicArn, 'sqs', arn, { ReplayPolicy: replayOf(began) });
  assert.deepEqual(
    (await drained(url)).map(({ Message }) => Message),
    ['young'],
  );
  await assert.rejects(cast.sns.send(new DeleteTopicCommand({ TopicArn })), { name: 'InvalidStateException' });
  await cast.sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName: 'ArchivePolicy', AttributeValue: '{}' }));
  await cast.cloud.advance(5 * minute);
  const { id } = (await cast.cloud.cloud.store.read((tx) => topics.get(tx, '000000000000', 'us-east-1', 'short.fifo')))!;
  assert.deepEqual(await cast.cloud.cloud.store.read((tx) => archivedMessages.scan(tx, [id])), []);
  await cast.sns.send(new DeleteTopicCommand({ TopicArn }));
});

test('policies that make no sense are refused', async () => {
  const TopicArn = await archiving('strict');
  const { arn } = await cast.queue('strict.fifo', { FifoQueue: 'true' });
  const subscription = await cast.subscribe(TopicArn, 'sqs', arn);
  const now = moment();
  const invalid = { name: 'InvalidParameterException' };
  await assert.rejects(set(subscription, 'ReplayPolicy', '{"PointType":"Sequence"}'), invalid);
  await assert.rejects(set(subscription, 'ReplayPolicy', replayOf('yesterday')), invalid);
  await assert.rejects(set(subscription, 'ReplayPolicy', replayOf(now, now)), invalid);
  const create = (Name: string, Attributes: Record<string, string>) => cast.sns.send(new CreateTopicCommand({ Name, Attributes }));
  await assert.rejects(create('standard', { ArchivePolicy: days(1) }), /can only be set for FIFO topics/);
  for (const count of [0, 366]) await assert.rejects(create('x.fifo', { FifoTopic: 'true', ArchivePolicy: days(count) }), invalid);
  const forgetful = await cast.topic('forgetful.fifo', { FifoTopic: 'true' });
  await assert.rejects(cast.subscribe(forgetful, 'sqs', arn, { ReplayPolicy: replayOf(now) }), /active ArchivePolicy/);
});
