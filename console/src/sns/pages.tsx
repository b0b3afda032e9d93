/** The pages of SNS. */

import type { ServicePages } from '../shell/services.ts';
import { messages } from './messages.ts';
import { Mailbox, Subscriptions } from './subscriptions.tsx';
import { TopicPage } from './topic.tsx';
import { CreateTopic, Topics } from './topics.tsx';

const { en, ko } = messages;

export const pages: ServicePages = {
  navigation: [
    { path: 'topics', text: { en: en.topics, ko: ko.topics } },
    { path: 'subscriptions', text: { en: en.subscriptions, ko: ko.subscriptions } },
    { path: 'mailbox', text: { en: en.mailbox, ko: ko.mailbox } },
  ],
  routes: [
    { path: 'topics', page: Topics },
    { path: 'create', page: CreateTopic, crumb: { en: en.createTopic, ko: ko.createTopic } },
    { path: 'topics/:arn', page: TopicPage },
    { path: 'subscriptions', page: Subscriptions },
    { path: 'mailbox', page: Mailbox },
  ],
};
