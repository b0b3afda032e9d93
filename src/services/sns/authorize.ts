/** What each operation of SNS asks to be allowed: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html */

import type { ServiceDefinition } from '../../framework/service.ts';
import { onPublish, onPublishBatch } from './messages/publish.ts';
import type { Sns } from './sdk.ts';
import { onSubscription, onUnsubscribe } from './subscriptions/operations.ts';
import { onConfirmSubscription, onSubscribe } from './subscriptions/subscribe.ts';
import { onTopic } from './topics/lookup.ts';
import { onCreateTopic } from './topics/operations.ts';
import { onTagResource, onUntagResource } from './topics/tags.ts';

export const authorize: ServiceDefinition<Sns>['authorize'] = {
  AddPermission: onTopic('sns:AddPermission'),
  ConfirmSubscription: onConfirmSubscription,
  CreateTopic: onCreateTopic,
  DeleteTopic: onTopic('sns:DeleteTopic'),
  GetDataProtectionPolicy: onTopic('sns:GetDataProtectionPolicy', 'ResourceArn'),
  GetSubscriptionAttributes: onSubscription('sns:GetSubscriptionAttributes'),
  GetTopicAttributes: onTopic('sns:GetTopicAttributes'),
  ListSubscriptions: () => [{ action: 'sns:ListSubscriptions', resource: '*' }],
  ListSubscriptionsByTopic: onTopic('sns:ListSubscriptionsByTopic'),
  ListTagsForResource: onTopic('sns:ListTagsForResource', 'ResourceArn'),
  ListTopics: () => [{ action: 'sns:ListTopics', resource: '*' }],
  Publish: onPublish,
  PublishBatch: onPublishBatch,
  PutDataProtectionPolicy: onTopic('sns:PutDataProtectionPolicy', 'ResourceArn'),
  RemovePermission: onTopic('sns:RemovePermission'),
  SetSubscriptionAttributes: onSubscription('sns:SetSubscriptionAttributes'),
  SetTopicAttributes: onTopic('sns:SetTopicAttributes'),
  Subscribe: onSubscribe,
  TagResource: onTagResource,
  Unsubscribe: onUnsubscribe,
  UntagResource: onUntagResource,
};
