/** What each operation of SNS asks to be allowed: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html */

import type { ServiceDefinition } from '../../framework/service.ts';
import { onPublish, onPublishBatch } from './messages/publish.ts';
import { onPlatform } from './platform-applications/platform.ts';
import type { Sns } from './sdk.ts';
import { onSubscription, onUnsubscribe } from './subscriptions/operations.ts';
import { onConfirmSubscription, onSubscribe } from './subscriptions/subscribe.ts';
import { onTopic } from './topics/lookup.ts';
import { onCreateTopic, onSetTopicAttributes } from './topics/operations.ts';
import { onTagResource, onUntagResource } from './topics/tags.ts';

/** Actions on no resource. */
const onAll = (action: string) => () => [{ action: `sns:${action}`, resource: '*' }];

export const authorize: ServiceDefinition<Sns>['authorize'] = {
  AddPermission: onTopic('sns:AddPermission'),
  CheckIfPhoneNumberIsOptedOut: onAll('CheckIfPhoneNumberIsOptedOut'),
  ConfirmSubscription: onConfirmSubscription,
  CreatePlatformApplication: onAll('CreatePlatformApplication'),
  CreatePlatformEndpoint: onPlatform('sns:CreatePlatformEndpoint', 'PlatformApplicationArn'),
  CreateSMSSandboxPhoneNumber: onAll('CreateSMSSandboxPhoneNumber'),
  CreateTopic: onCreateTopic,
  DeleteEndpoint: onPlatform('sns:DeleteEndpoint', 'EndpointArn'),
  DeletePlatformApplication: onPlatform('sns:DeletePlatformApplication', 'PlatformApplicationArn'),
  DeleteSMSSandboxPhoneNumber: onAll('DeleteSMSSandboxPhoneNumber'),
  DeleteTopic: onTopic('sns:DeleteTopic'),
  GetDataProtectionPolicy: onTopic('sns:GetDataProtectionPolicy', 'ResourceArn'),
  GetEndpointAttributes: onPlatform('sns:GetEndpointAttributes', 'EndpointArn'),
  GetPlatformApplicationAttributes: onPlatform('sns:GetPlatformApplicationAttributes', 'PlatformApplicationArn'),
  GetSMSAttributes: onAll('GetSMSAttributes'),
  GetSMSSandboxAccountStatus: onAll('GetSMSSandboxAccountStatus'),
  GetSubscriptionAttributes: onSubscription('sns:GetSubscriptionAttributes'),
  GetTopicAttributes: onTopic('sns:GetTopicAttributes'),
  ListEndpointsByPlatformApplication: onPlatform('sns:ListEndpointsByPlatformApplication', 'PlatformApplicationArn'),
  ListOriginationNumbers: onAll('ListOriginationNumbers'),
  ListPhoneNumbersOptedOut: onAll('ListPhoneNumbersOptedOut'),
  ListPlatformApplications: onAll('ListPlatformApplications'),
  ListSMSSandboxPhoneNumbers: onAll('ListSMSSandboxPhoneNumbers'),
  ListSubscriptions: onAll('ListSubscriptions'),
  ListSubscriptionsByTopic: onTopic('sns:ListSubscriptionsByTopic'),
  ListTagsForResource: onTopic('sns:ListTagsForResource', 'ResourceArn'),
  ListTopics: onAll('ListTopics'),
  OptInPhoneNumber: onAll('OptInPhoneNumber'),
  Publish: onPublish,
  PublishBatch: onPublishBatch,
  PutDataProtectionPolicy: onTopic('sns:PutDataProtectionPolicy', 'ResourceArn'),
  RemovePermission: onTopic('sns:RemovePermission'),
  SetEndpointAttributes: onPlatform('sns:SetEndpointAttributes', 'EndpointArn'),
  SetPlatformApplicationAttributes: onPlatform('sns:SetPlatformApplicationAttributes', 'PlatformApplicationArn'),
  SetSMSAttributes: onAll('SetSMSAttributes'),
  SetSubscriptionAttributes: onSubscription('sns:SetSubscriptionAttributes'),
  SetTopicAttributes: onSetTopicAttributes,
  Subscribe: onSubscribe,
  TagResource: onTagResource,
  Unsubscribe: onUnsubscribe,
  UntagResource: onUntagResource,
  VerifySMSSandboxPhoneNumber: onAll('VerifySMSSandboxPhoneNumber'),
};
