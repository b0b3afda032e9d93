/** What was acknowledged reaches its queue, though the cloud stopped before it was delivered; a replay goes on where it was. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PublishBatchCommand, PublishCommand } from '@aws-sdk/client-sns';
import { DeleteMessageCommand, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { startCast } from './cast.ts';

test('messages that were acknowledged before a stop arrive after it', async () => {
  const before = await startCast();
  const TopicArn = await before.topic('kept');
  const { arn } = await before.queue('kept');
  await before.subscribe(TopicArn, 'sqs', arn, { RawMessageDelivery: 'true' });
  const acknowledged: string[] = [];
  const publishing = Array.from({ length: 60 }, async (_, i) => {
    await before.sns.send(new PublishCommand({ TopicArn, Message: `${i}${'x'.repeat(i % 2 === 0 ? 0 : 2000)}` }));
    acknowledged.push(String(i));
  });
  const settled = Promise.allSettled(publishing);
  await Promise.race(publishing);
  await before.cloud.close({ keep: true });
  await settled;
  assert.ok(acknowledged.length > 0);

  const after = await startCast({ dataDirectory: before.cloud.dataDirectory });
  const { url } = await after.queue('kept');
  const got = new Set((await after.received(url)).map(({ Body }) => Body!.replace(/x+$/, '')));
  assert.deepEqual(
    acknowledged.filter((each) => !got.has(each)),
    [],
  );
  await after.cloud.close();
});

/** All of a FIFO queue, in its order. */
async function drained(sqs: SQSClient, QueueUrl: string): Promise<string[]> {
  const all: string[] = [];
  for (;;) {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    if (Messages.length === 0) return all;
    for (const { Body, ReceiptHandle } of Messages) {
      all.push(Body!);
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
  }
}

test('a replay that was stopped in its midst sends the rest, in order, and then what is new', async () => {
  const before = await startCast();
  const ArchivePolicy = JSON.stringify({ MessageRetentionPeriod: 30 });
  const TopicArn = await before.topic('kept.fifo', { FifoTopic: 'true', ContentBasedDeduplication: 'true', ArchivePolicy });
  const StartingPoint = new Date(before.cloud.cloud.clock.now()).toISOString();
  const count = 120;
  for (let i = 0; i < count; i += 10) {
    const PublishBatchRequestEntries = Array.from({ length: 10 }, (_, n) => ({ Id: `m${n}`, Message: String(i + n), MessageGroupId: 'g' }));
    await before.sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }));
  }
  const { url, arn } = await before.queue('kept.fifo', { FifoQueue: 'true' });
  const ReplayPolicy = JSON.stringify({ PointType: 'Timestamp', StartingPoint });
  await before.subscribe(TopicArn, 'sqs', arn, { RawMessageDelivery: 'true', ReplayPolicy });
  // Once the first has come, the replay is under way.
  while ((await before.sqs.send(new ReceiveMessageCommand({ QueueUrl: url, VisibilityTimeout: 0 }))).Messages === undefined);
  await before.cloud.close({ keep: true });

  const after = await startCast({ dataDirectory: before.cloud.dataDirectory });
  await after.sns.send(new PublishCommand({ TopicArn, Message: 'new', MessageGroupId: 'g' }));
  await after.cloud.cloud.settled();
  const { url: again } = await after.queue('kept.fifo', { FifoQueue: 'true' });
  assert.deepEqual(await drained(after.sqs, again), [...Array.from({ length: count }, (_, i) => String(i)), 'new']);
  await after.cloud.close();
});
