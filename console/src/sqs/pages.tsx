/** The pages of SQS. */

import type { ServicePages } from '../shell/services.ts';
import { messages } from './messages.ts';
import { Queue } from './queue.tsx';
import { CreateQueue, Queues } from './queues.tsx';

const { en, ko } = messages;

export const pages: ServicePages = {
  navigation: [{ path: 'queues', text: { en: en.queues, ko: ko.queues } }],
  routes: [
    { path: 'queues', page: Queues },
    { path: 'create', page: CreateQueue, crumb: { en: en.createQueue, ko: ko.createQueue } },
    { path: 'queues/:name', page: Queue },
  ],
};
