/** SNS: its contents page. What is not listed here answers NotImplemented. */

import { defineService } from '../../framework/service.ts';
import { incomingTexts, mailbox } from '../../framework/mailbox.ts';
import { replayer } from './archive/replayer.ts';
import { authorize } from './authorize.ts';
import { fanOut } from './deliveries/fan-out.ts';
import { letterCarrier } from './deliveries/letter-carrier.ts';
import { outbox } from './deliveries/outbox.ts';
import { housekeeping } from './housekeeping.ts';
import { certificatePage } from './messages/certificate-page.ts';
import { Publish, PublishBatch } from './messages/publish.ts';
import * as platformOperations from './platform-applications/operations.ts';
import { reporter } from './reports/reporter.ts';
import type { Sns } from './sdk.ts';
import * as smsOperations from './sms/operations.ts';
import { replies } from './sms/replies.ts';
import * as subscriptionOperations from './subscriptions/operations.ts';
import { ConfirmSubscription, Subscribe } from './subscriptions/subscribe.ts';
import { tables } from './tables.ts';
import * as topicAttributes from './topics/attributes.ts';
import { CreateTopic, DeleteTopic, ListTopics } from './topics/operations.ts';
import { ListTagsForResource, TagResource, UntagResource } from './topics/tags.ts';

const { GetSubscriptionAttributes, ListSubscriptions, ListSubscriptionsByTopic, SetSubscriptionAttributes, Unsubscribe } =
  subscriptionOperations;

const { pushLetter: _letter, pushToEndpoint: _push, ...platform } = platformOperations;

export const service = defineService<Sns>({
  name: 'sns',
  callUsage: ({ resource }) => (resource.startsWith('arn:') && !resource.includes('*') ? { resource } : {}),
  tables: [...tables, mailbox, incomingTexts],
  operations: {
    ...{ CreateTopic, DeleteTopic, ListTopics },
    ...topicAttributes,
    ...{ ListTagsForResource, TagResource, UntagResource },
    ...{ ConfirmSubscription, Subscribe },
    ...{ GetSubscriptionAttributes, ListSubscriptions, ListSubscriptionsByTopic, SetSubscriptionAttributes, Unsubscribe },
    ...{ Publish, PublishBatch },
    ...platform,
    ...smsOperations,
  },
  authorize,
  deniedCode: 'AuthorizationError',
  reconcilers: [fanOut, outbox, replayer, letterCarrier, reporter, replies, housekeeping],
  dataEvents: ['Publish', 'PublishBatch'],
  pages: certificatePage,
});
