/** What a topic is called, and which policy it has when none was given. */

import { arn, parseArn } from '../../../framework/arn.ts';
import { invalidParameter } from '../errors.ts';
import type { TopicName } from '../tables.ts';

export const topicArn = ({ account, region, name }: TopicName): string => arn('sns', region, account, name);

/** The topic that an ARN names, or undefined when it names none. */
export function topicOfArn(text: string): TopicName | undefined {
  const parsed = parseArn(text);
  if (!parsed || parsed.service !== 'sns' || !/^\d{12}$/.test(parsed.account) || !/^[\w-]{1,256}(\.fifo)?$/.test(parsed.resource))
    return undefined;
  return { account: parsed.account, region: parsed.region, name: parsed.resource };
}

/** Throws InvalidParameter unless the text is the ARN of a topic in this region. */
export function requireTopicName(text: string | undefined, region: string | undefined, parameter = 'TopicArn'): TopicName {
  if (text === undefined) throw invalidParameter(parameter);
  const name = topicOfArn(text);
  if (!name) {
    const parts = text.split(':').length;
    throw invalidParameter(
      parts < 6 ? `${parameter} Reason: An ARN must have at least 6 elements, not ${parts}` : `${parameter} Reason: ${text} is not a topic`,
    );
  }
  if (region !== undefined && name.region !== region) throw invalidParameter(parameter);
  return name;
}

/** Throws InvalidParameter. */
export function checkTopicName(name: string, fifo: boolean): void {
  if (!(fifo ? /^[A-Za-z0-9_-]{1,251}\.fifo$/ : /^[A-Za-z0-9_-]{1,256}$/).test(name)) throw invalidParameter('Topic Name');
}

/** What AWS shows as the policy of a topic that was given none. It lets in the owner, who is let in anyway. */
export function defaultPolicy(topic: TopicName): string {
  const actions = [
    ...['GetTopicAttributes', 'SetTopicAttributes', 'AddPermission', 'RemovePermission'],
    ...['DeleteTopic', 'Subscribe', 'ListSubscriptionsByTopic', 'Publish'],
  ];
  return JSON.stringify({
    Version: '2008-10-17',
    Id: '__default_policy_ID',
    Statement: [
      {
        Sid: '__default_statement_ID',
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: actions.map((action) => `SNS:${action}`),
        Resource: topicArn(topic),
        Condition: { StringEquals: { 'AWS:SourceOwner': topic.account } },
      },
    ],
  });
}
