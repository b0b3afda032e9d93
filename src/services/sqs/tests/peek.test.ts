/** The owner's look at messages, and what is metered. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { createControl } from '../../../control/control.ts';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';

let cloud: LiveCloud;
let sqs: SQSClient;
before(async () => {
  const places = { store: 'here', blobs: 'there' };
  cloud = await startCloud({
    control: (opened) => createControl(opened, { token: 'token', testKey: false, version: '1', startedAt: 0, ready: () => true, places }),
  });
  sqs = cloud.client(SQSClient);
});
after(() => cloud.close());

type Peeked = { Messages: { Body: string; Attributes: Record<string, string> }[]; code?: string };

async function peek(url: string, more = '', token = 'token'): Promise<{ status: number; body: Peeked }> {
  const address = `${cloud.endpoint}/_aws/sqs/messages?QueueUrl=${encodeURIComponent(url)}${more}`;
  const response = await fetch(address, { headers: { 'x-haneul-token': token } });
  return { status: response.status, body: (await response.json()) as Peeked };
}

test('messages are shown and stay as they are', async () => {
  const { QueueUrl: url } = await sqs.send(new CreateQueueCommand({ QueueName: 'seen' }));
  await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'held' }));
  await sqs.send(new ReceiveMessageCommand({ QueueUrl: url }));
  await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'visible'.repeat(200) }));
  await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'late', DelaySeconds: 60 }));
  for (let i = 0; i < 2; i++) {
    const { body } = await peek(url!);
    assert.deepEqual(
      body.Messages.map(({ Body }) => Body.slice(0, 7)),
      ['visible'],
    );
    assert.equal(body.Messages[0]?.Attributes['ApproximateReceiveCount'], '0');
  }
  const all = await peek(url!, '&ShowInvisible=true&ShowDelayed=true');
  assert.deepEqual(
    all.body.Messages.map(({ Body }) => Body.slice(0, 7)),
    ['held', 'visible', 'late'],
  );
});

test('only the owner of the cloud may look', async () => {
  assert.equal((await peek('http://x/000000000000/seen', '', 'wrong')).status, 401);
  assert.deepEqual((await peek('http://x/000000000000/nowhere')).body.code, 'QueueDoesNotExist');
  assert.deepEqual((await peek('/not/a/queue')).body.code, 'InvalidAddress');
});

test('requests are metered in steps of 64 KiB', async () => {
  const { QueueUrl: url } = await sqs.send(new CreateQueueCommand({ QueueName: 'metered' }));
  await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'x'.repeat(130 * 1024) }));
  const used = await cloud.cloud.meter.query('000000000000', 0, Infinity);
  const sent = used.find(({ usageType, resource }) => usageType === 'Requests-RBP' && resource.endsWith(':metered'));
  assert.equal(sent?.quantity, 3);
});
