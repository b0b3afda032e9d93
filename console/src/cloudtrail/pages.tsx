/** The pages of CloudTrail. */

import type { ServicePages } from '../shell/services.ts';
import { EventPage, History } from './history.tsx';
import { messages } from './messages.ts';

const { en, ko } = messages;

export const pages: ServicePages = {
  navigation: [{ path: 'events', text: { en: en.history, ko: ko.history } }],
  routes: [
    { path: 'events', page: History },
    { path: 'events/:id', page: EventPage },
  ],
};
