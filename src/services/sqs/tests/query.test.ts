/** The query protocol of old clients, to the path of the queue. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';

let cloud: LiveCloud;
before(async () => {
  cloud = await startCloud();
});
after(() => cloud.close());

test('a queue is found by its path, and anonymous callers by its policy alone', async () => {
  const policy = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: '*', Action: ['sqs:SendMessage', 'sqs:ReceiveMessage'], Resource: '*' }],
  };
  const { QueueUrl } = await cloud
    .client(SQSClient)
    .send(new CreateQueueCommand({ QueueName: 'old', Attributes: { Policy: JSON.stringify(policy) } }));
  const call = async (form: Record<string, string>) => {
    const response = await fetch(QueueUrl!, { method: 'POST', body: new URLSearchParams({ Version: '2012-11-05', ...form }) });
    return { status: response.status, text: await response.text() };
  };
  const sent = await call({ Action: 'SendMessage', MessageBody: 'a & b' });
  assert.match(sent.text, /<SendMessageResult>.*<MD5OfMessageBody>[0-9a-f]{32}<\/MD5OfMessageBody>/);
  const received = await call({ Action: 'ReceiveMessage', 'AttributeName.1': 'All' });
  assert.match(received.text, /<Body>a &amp; b<\/Body>/);
  assert.match(received.text, /<Name>ApproximateReceiveCount<\/Name><Value>1<\/Value>/);
  const denied = await call({ Action: 'PurgeQueue' });
  assert.equal(denied.status, 403);
  const wrong = await call({ Action: 'ReceiveMessage', MaxNumberOfMessages: '0' });
  assert.match(wrong.text, /<Code>InvalidParameterValue<\/Code>/);
});

test('an empty batch is told so, though the query protocol has no empty list', async () => {
  const { QueueUrl } = await cloud.client(SQSClient).send(new CreateQueueCommand({ QueueName: 'batches' }));
  const body = new URLSearchParams({ Version: '2012-11-05', Action: 'SendMessageBatch' });
  const text = await (await fetch(QueueUrl!, { method: 'POST', body })).text();
  assert.match(text, /<Code>AWS.SimpleQueueService.EmptyBatchRequest<\/Code>/);
  assert.match(text, /<\/Message><Detail\/><\/Error>/);
  assert.match(text, /There should be at least one SendMessageBatchRequestEntry in the request\./);
});
