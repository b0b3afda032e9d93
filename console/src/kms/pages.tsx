/** The pages of KMS. */

import type { ServicePages } from '../shell/services.ts';
import { KeyPage } from './key.tsx';
import { CreateKey, Keys } from './keys.tsx';
import { messages } from './messages.ts';

const { en, ko } = messages;

export const pages: ServicePages = {
  navigation: [{ path: 'keys', text: { en: en.keys, ko: ko.keys } }],
  routes: [
    { path: 'keys', page: Keys },
    { path: 'create', page: CreateKey, crumb: { en: en.createKey, ko: ko.createKey } },
    { path: 'keys/:id', page: KeyPage },
  ],
};
