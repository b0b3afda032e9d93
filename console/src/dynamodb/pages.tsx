/** The pages of DynamoDB. */

import type { ServicePages } from '../shell/services.ts';
import { messages } from './messages.ts';
import { PartiQl } from './partiql.tsx';
import { TablePage } from './table.tsx';
import { CreateTable, Tables } from './tables.tsx';

const { en, ko } = messages;

export const pages: ServicePages = {
  navigation: [
    { path: 'tables', text: { en: en.tables, ko: ko.tables } },
    { path: 'partiql', text: { en: en.partiql, ko: ko.partiql } },
  ],
  routes: [
    { path: 'tables', page: Tables },
    { path: 'create', page: CreateTable, crumb: { en: en.createTable, ko: ko.createTable } },
    { path: 'tables/:name', page: TablePage },
    { path: 'partiql', page: PartiQl },
  ],
};
