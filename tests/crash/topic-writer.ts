/** Publishes to a topic and knows which messages must reach the queue that subscribes to it, however often the cloud was killed. */

import assert from 'node:assert/strict';
import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, DeleteMessageBatchCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { clientOptions, isConnectionLost, type Writer } from './writers.ts';

const arrivalMillisecondsMax = 30_000;

const policy = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'sns.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: '*' }],
});

export function topicWriter(name: string): Writer {
  const TopicArn = `arn:aws:sns:us-east-1:000000000000:${name}`;
  let published: number[] = [];
  let next = 0;
  let count = 0;

  return {
    acknowledged: () => count,
    async prepare(endpoint) {
      const [sns, sqs] = [new SNSClient(clientOptions(endpoint)), new SQSClient(clientOptions(endpoint))];
      await sns.send(new CreateTopicCommand({ Name: name }));
      await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: { Policy: policy } }));
      const Endpoint = `arn:aws:sqs:us-east-1:000000000000:${name}`;
      await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint, Attributes: { RawMessageDelivery: 'true' } }));
      sns.destroy();
      sqs.destroy();
    },
    async run(endpoint) {
      const sns = new SNSClient(clientOptions(endpoint));
      try {
        for (;;) {
          const number = next++;
          await sns.send(new PublishCommand({ TopicArn, Message: bodyOf(number) }));
          published.push(number);
          count++;
        }
      } catch (error) {
        if (!isConnectionLost(error)) throw error;
      } finally {
        sns.destroy();
      }
    },
    async check(endpoint) {
      const sqs = new SQSClient(clientOptions(endpoint));
      const deadline = performance.now() + arrivalMillisecondsMax;
      const missing = new Set(published.map(bodyOf));
      while (missing.size > 0) {
        for (const body of await drain(sqs, `${endpoint}/000000000000/${name}`)) missing.delete(body);
        assert.ok(performance.now() < deadline, `${name}: ${missing.size} acknowledged messages did not arrive`);
      }
      published = [];
      sqs.destroy();
    },
  };
}

/** Takes up to ten messages away and gives their bodies; waits a moment for the first. */
async function drain(sqs: SQSClient, QueueUrl: string): Promise<string[]> {
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }));
  if (Messages.length === 0) return [];
  const Entries = Messages.map(({ ReceiptHandle }, i) => ({ Id: String(i), ReceiptHandle }));
  await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  return Messages.map(({ Body }) => Body!);
}

/** Small ones lie in their records, every fifth in a blob. */
function bodyOf(number: number): string {
  return `${number} ${'x'.repeat(number % 5 === 0 ? 4_000 : 40)}`;
}
