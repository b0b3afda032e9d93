/** Fair queues: groups of a standard queue take turns. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';

let cloud: LiveCloud;
let sqs: SQSClient;
before(async () => {
  cloud = await startCloud();
  sqs = cloud.client(SQSClient);
});
after(() => cloud.close());

test('a tenant who sends much does not make the others wait', async () => {
  const { QueueUrl: url } = await sqs.send(new CreateQueueCommand({ QueueName: 'fair', Attributes: { VisibilityTimeout: '10' } }));
  const send = (group: string | undefined, body: string) =>
    sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: body, ...(group && { MessageGroupId: group }) }));
  const receive = async (count: number, wait = 0) => {
    const input = { QueueUrl: url, MaxNumberOfMessages: count, WaitTimeSeconds: wait, MessageSystemAttributeNames: ['All' as const] };
    return (await sqs.send(new ReceiveMessageCommand(input))).Messages ?? [];
  };
  for (let i = 0; i < 20; i++) await send('noisy', `n${i}`);
  await send('quiet', 'q');
  const first = await receive(2);
  assert.deepEqual(
    first.map(({ Body }) => Body),
    ['n0', 'q'],
  );
  assert.equal(first[1]?.Attributes?.MessageGroupId, 'quiet');
  await send(undefined, 'alone');
  const rest = [...(await receive(10)), ...(await receive(10))];
  assert.equal(rest.length, 20);
  assert.deepEqual(
    rest.map(({ Body }) => Body).filter((body) => body !== 'alone'),
    Array.from({ length: 19 }, (_, i) => `n${i + 1}`),
  );
  for (const { ReceiptHandle } of rest) await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: ReceiptHandle! }));
  await cloud.advance(10_000);
  assert.deepEqual((await receive(10)).map(({ Body }) => Body).sort(), ['n0', 'q']);
  const poll = receive(1, 20);
  await send('noisy', 'again');
  assert.deepEqual(
    (await poll).map(({ Body }) => Body),
    ['again'],
  );
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }));
  assert.deepEqual([Attributes?.['ApproximateNumberOfMessages'], Attributes?.['ApproximateNumberOfMessagesNotVisible']], ['0', '3']);
});
