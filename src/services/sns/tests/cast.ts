/** What the tests of SNS share: a cloud with topics and queues. */

import { CreateQueueCommand, GetQueueAttributesCommand, ReceiveMessageCommand, SQSClient, type Message } from '@aws-sdk/client-sqs';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';

export type Cast = {
  cloud: LiveCloud;
  sns: SNSClient;
  sqs: SQSClient;
  topic(name: string, attributes?: Record<string, string>): Promise<string>;
  /** A queue that takes from the topics of its account, unless it is given another policy. */
  queue(name: string, attributes?: Record<string, string>): Promise<{ url: string; arn: string }>;
  subscribe(topicArn: string, protocol: string, endpoint: string, attributes?: Record<string, string>): Promise<string>;
  /** Waits until all deliveries that are due are done, then takes what is there. */
  received(queueUrl: string): Promise<Message[]>;
};

const fromTopics = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    {
      ...{ Effect: 'Allow', Principal: { Service: 'sns.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: '*' },
      Condition: { StringEquals: { 'aws:SourceAccount': '000000000000' } },
    },
  ],
});

export async function startCast(options: Parameters<typeof startCloud>[0] = {}): Promise<Cast> {
  const cloud = await startCloud(options);
  const sns = cloud.client(SNSClient);
  const sqs = cloud.client(SQSClient);
  return {
    ...{ cloud, sns, sqs },
    topic: async (Name, Attributes = {}) => (await sns.send(new CreateTopicCommand({ Name, Attributes }))).TopicArn!,
    queue: async (QueueName, Attributes = {}) => {
      const url = (await sqs.send(new CreateQueueCommand({ QueueName, Attributes: { Policy: fromTopics, ...Attributes } }))).QueueUrl!;
      const found = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] }));
      return { url, arn: found.Attributes!['QueueArn']! };
    },
    subscribe: async (TopicArn, Protocol, Endpoint, Attributes = {}) => {
      const command = new SubscribeCommand({ TopicArn, Protocol, Endpoint, Attributes, ReturnSubscriptionArn: true });
      return (await sns.send(command)).SubscriptionArn!;
    },
    received: async (QueueUrl) => {
      await cloud.cloud.settled();
      const all: Message[] = [];
      for (;;) {
        const { Messages = [] } = await sqs.send(
          new ReceiveMessageCommand({
            QueueUrl,
            MaxNumberOfMessages: 10,
            MessageAttributeNames: ['All'],
            MessageSystemAttributeNames: ['All'],
          }),
        );
        if (Messages.length === 0) return all;
        all.push(...Messages);
      }
    },
  };
}
