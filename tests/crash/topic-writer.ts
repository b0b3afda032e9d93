/** Publishes to a topic and knows which messages must reach the queue that subscribes to it, however often the cloud was killed. */

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { peek } from './queue-writer.ts';
import { clientOptions, isConnectionLost, type Writer } from './writers.ts';

const arrivalMillisecondsMax = 30_000;

const policy = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'sns.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: '*' }],
});

/** Every round has a topic and a queue of its own, so that a check looks at that round's messages only. */
export function topicWriter(name: string): Writer {
  let round = 0;
  let published: number[] = [];
  let count = 0;
  const roundName = (): string => `${name}-${round}`;

  const setUp = async (sns: SNSClient, sqs: SQSClient): Promise<string> => {
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: roundName() }));
    await sqs.send(new CreateQueueCommand({ QueueName: roundName(), Attributes: { Policy: policy } }));
    await sns.send(
      new SubscribeCommand({
        ...{ TopicArn, Protocol: 'sqs', Endpoint: `arn:aws:sqs:us-east-1:000000000000:${roundName()}` },
        Attributes: { RawMessageDelivery: 'true' },
      }),
    );
    return TopicArn!;
  };

  return {
    acknowledged: () => count,
    async run(endpoint) {
      round++;
      published = [];
      const [sns, sqs] = [new SNSClient(clientOptions(endpoint)), new SQSClient(clientOptions(endpoint))];
      try {
        const TopicArn = await setUp(sns, sqs);
        for (let number = 0; ; number++) {
          await sns.send(new PublishCommand({ TopicArn, Message: bodyOf(number) }));
          published.push(number);
          count++;
        }
      } catch (error) {
        if (!isConnectionLost(error)) throw error;
      } finally {
        sns.destroy();
        sqs.destroy();
      }
    },
    async check(endpoint) {
      if (published.length === 0) return;
      const deadline = performance.now() + arrivalMillisecondsMax;
      for (;;) {
        const found = new Set((await peek(endpoint, roundName())).map(({ Body }) => Body));
        const missing = published.filter((number) => !found.has(bodyOf(number)));
        if (missing.length === 0) return;
        assert.ok(performance.now() < deadline, `${name}: ${missing.length} acknowledged messages did not arrive`);
        await sleep(50);
      }
    },
  };
}

/** Small ones lie in their records, every fifth in a blob. */
function bodyOf(number: number): string {
  return `${number} ${'x'.repeat(number % 5 === 0 ? 4_000 : 40)}`;
}
