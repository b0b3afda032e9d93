/** The pages of Kinesis. */

import type { ServicePages } from '../shell/services.ts';
import { messages } from './messages.ts';
import { StreamPage } from './stream.tsx';
import { CreateStream, Streams } from './streams.tsx';

const { en, ko } = messages;

export const pages: ServicePages = {
  navigation: [{ path: 'streams', text: { en: en.streams, ko: ko.streams } }],
  routes: [
    { path: 'streams', page: Streams },
    { path: 'create', page: CreateStream, crumb: { en: en.createStream, ko: ko.createStream } },
    { path: 'streams/:name', page: StreamPage },
  ],
};
