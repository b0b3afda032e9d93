/** The pages of CloudWatch Logs. */

import type { ServicePages } from '../shell/services.ts';
import { LogGroupPage } from './group.tsx';
import { CreateLogGroup, LogGroups } from './groups.tsx';
import { messages } from './messages.ts';
import { LogStreamPage } from './stream.tsx';

const { en, ko } = messages;

export const pages: ServicePages = {
  navigation: [{ path: 'groups', text: { en: en.groups, ko: ko.groups } }],
  routes: [
    { path: 'groups', page: LogGroups },
    { path: 'create', page: CreateLogGroup, crumb: { en: en.createGroup, ko: ko.createGroup } },
    { path: 'groups/:name', page: LogGroupPage },
    { path: 'groups/:name/streams/:stream', page: LogStreamPage },
  ],
};
