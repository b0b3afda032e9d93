/** Dead letters: redrive policies, their permission, move tasks. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  CancelMessageMoveTaskCommand,
  CreateQueueCommand,
  ListDeadLetterSourceQueuesCommand,
  ListMessageMoveTasksCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
  type Message,
} from '@aws-sdk/client-sqs';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';

let cloud: LiveCloud;
let sqs: SQSClient;
before(async () => {
  cloud = await startCloud();
  sqs = cloud.client(SQSClient);
});
after(() => cloud.close());

const arn = (name: string): string => `arn:aws:sqs:us-east-1:000000000000:${name}`;
const url = (name: string): string => `${cloud.endpoint}/000000000000/${name}`;
const create = async (name: string, attributes: Record<string, string> = {}): Promise<string> =>
  (await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }))).QueueUrl!;
const redrive = (target: string, max = 1): Record<string, string> => ({
  RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arn(target), maxReceiveCount: max }),
});
const receive = async (name: string, wait = 0): Promise<Message[]> => {
  const input = { QueueUrl: url(name), MaxNumberOfMessages: 10, WaitTimeSeconds: wait, MessageSystemAttributeNames: ['All' as const] };
  return (await sqs.send(new ReceiveMessageCommand(input))).Messages ?? [];
};
/** Two queues, with dead letters in the second. */
async function deadLetters(name: string, bodies: string[]): Promise<void> {
  await create(`${name}-dead`);
  await create(name, { VisibilityTimeout: '0', ...redrive(`${name}-dead`) });
  for (const body of bodies) await sqs.send(new SendMessageCommand({ QueueUrl: url(name), MessageBody: body }));
  while ((await receive(name)).length > 0);
}

test('a message that was received too often goes to the dead letters, and wakes who waits there', async () => {
  await create('d1-dead');
  await create('d1', { VisibilityTimeout: '5', ...redrive('d1-dead', 2) });
  await sqs.send(new SendMessageCommand({ QueueUrl: url('d1'), MessageBody: 'x' }));
  for (let i = 0; i < 2; i++) {
    assert.equal((await receive('d1')).length, 1);
    await cloud.advance(5_000);
  }
  const waiting = receive('d1-dead', 20);
  assert.deepEqual(await receive('d1'), []);
  const [dead] = await waiting;
  assert.equal(dead?.Body, 'x');
  assert.equal(dead?.Attributes?.DeadLetterQueueSourceArn, arn('d1'));
  const { queueUrls } = await sqs.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl: url('d1-dead') }));
  assert.deepEqual(queueUrls, [url('d1')]);
});

test('in FIFO queues dead letters free their group', async () => {
  await create('f-dead.fifo', { FifoQueue: 'true' });
  await create('f.fifo', { FifoQueue: 'true', ContentBasedDeduplication: 'true', VisibilityTimeout: '5', ...redrive('f-dead.fifo') });
  for (const body of ['1', '2'])
    await sqs.send(new SendMessageCommand({ QueueUrl: url('f.fifo'), MessageBody: body, MessageGroupId: 'g' }));
  const first = await sqs.send(new ReceiveMessageCommand({ QueueUrl: url('f.fifo') }));
  assert.equal(first.Messages?.[0]?.Body, '1');
  await cloud.advance(5_000);
  assert.deepEqual(
    (await receive('f.fifo')).map(({ Body }) => Body),
    ['2'],
  );
  assert.deepEqual(
    (await receive('f-dead.fifo')).map(({ Body }) => Body),
    ['1'],
  );
});

test('redrive policies are checked, and the target may refuse', async () => {
  await create('r-dead', { RedriveAllowPolicy: JSON.stringify({ redrivePermission: 'byQueue', sourceQueueArns: [arn('r-may')] }) });
  await create('r-may', redrive('r-dead'));
  await assert.rejects(create('r-may-not', redrive('r-dead')), { name: 'InvalidParameterValue' });
  await assert.rejects(create('r-x', redrive('nowhere')), /Reason: Dead letter target does not exist\.$/);
  await assert.rejects(
    create('r-x', { RedrivePolicy: `{"deadLetterTargetArn":"${arn('r-dead')}"}` }),
    /mandatory attribute: maxReceiveCount/,
  );
  await assert.rejects(create('r-x.fifo', { FifoQueue: 'true', ...redrive('r-dead') }), { name: 'InvalidParameterValue' });
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl: url('r-may'), Attributes: { RedrivePolicy: '' } }));
  assert.deepEqual((await sqs.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl: url('r-dead') }))).queueUrls, []);
});

test('a move task brings dead letters back to where they came from, as new messages', async () => {
  await deadLetters('m', ['1', '2', '3']);
  const { TaskHandle } = await sqs.send(new StartMessageMoveTaskCommand({ SourceArn: arn('m-dead') }));
  assert.ok(TaskHandle);
  await cloud.cloud.settled();
  const { Results } = await sqs.send(new ListMessageMoveTasksCommand({ SourceArn: arn('m-dead') }));
  assert.deepEqual(
    [Results?.[0]?.Status, Results?.[0]?.ApproximateNumberOfMessagesMoved, Results?.[0]?.ApproximateNumberOfMessagesToMove],
    ['COMPLETED', 3, 3],
  );
  const back = await receive('m');
  assert.deepEqual(
    back.map(({ Body }) => Body),
    ['1', '2', '3'],
  );
  assert.equal(back[0]?.Attributes?.ApproximateReceiveCount, '1');
});

test('a move task keeps its rate on the clock, and can be cancelled', async () => {
  await deadLetters('slow', ['1', '2', '3', '4']);
  await create('slow-to');
  const start = { SourceArn: arn('slow-dead'), DestinationArn: arn('slow-to'), MaxNumberOfMessagesPerSecond: 1 };
  const { TaskHandle } = await sqs.send(new StartMessageMoveTaskCommand(start));
  await cloud.cloud.settled();
  await assert.rejects(sqs.send(new StartMessageMoveTaskCommand(start)), /There is already a task running/);
  await cloud.advance(1_000);
  assert.equal((await receive('slow-to')).length, 2);
  const cancelled = await sqs.send(new CancelMessageMoveTaskCommand({ TaskHandle: TaskHandle! }));
  assert.equal(cancelled.ApproximateNumberOfMessagesMoved, 2);
  await cloud.advance(5_000);
  assert.equal((await receive('slow-to')).length, 0);
  const { Results } = await sqs.send(new ListMessageMoveTasksCommand({ SourceArn: arn('slow-dead') }));
  assert.equal(Results?.[0]?.Status, 'CANCELLED');
  await assert.rejects(sqs.send(new CancelMessageMoveTaskCommand({ TaskHandle: TaskHandle! })), {
    name: 'ResourceNotFoundException',
    message: 'Task does not exist.',
  });
  await assert.rejects(sqs.send(new CancelMessageMoveTaskCommand({ TaskHandle: 'x' })), {
    message: 'Value for parameter TaskHandle is invalid.',
  });
});

test('what cannot be moved is said', async () => {
  await create('plain');
  await assert.rejects(sqs.send(new StartMessageMoveTaskCommand({ SourceArn: arn('plain') })), {
    message: 'Source queue must be configured as a Dead Letter Queue.',
  });
  await assert.rejects(sqs.send(new StartMessageMoveTaskCommand({ SourceArn: arn('nowhere') })), {
    message: "The resource that you specified for the SourceArn parameter doesn't exist.",
  });
});
