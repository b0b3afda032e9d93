/** What was acknowledged reaches its queue, though the cloud stopped before it was delivered. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PublishCommand } from '@aws-sdk/client-sns';
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
