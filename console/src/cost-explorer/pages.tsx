/** The pages of bills. */

import type { ServicePages } from '../shell/services.ts';
import { Bill } from './bill.tsx';
import { messages } from './messages.ts';

const { en, ko } = messages;

export const pages: ServicePages = {
  navigation: [{ path: 'bill', text: { en: en.bill, ko: ko.bill } }],
  routes: [{ path: 'bill', page: Bill }],
};
