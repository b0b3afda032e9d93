/** DynamoDB: tables of items, their indexes. What is not listed here answers NotImplemented. */

import { defineService } from '../../framework/service.ts';
import { afterReply } from './after-reply.ts';
import { authorize } from './authorize.ts';
import { GetItem } from './items/get.ts';
import { DeleteItem, PutItem } from './items/put-and-delete.ts';
import { UpdateItem } from './items/update.ts';
import { Query } from './queries/query.ts';
import { Scan } from './queries/scan.ts';
import type { Dynamodb } from './sdk.ts';
import { clearing } from './storage/clearing.ts';
import { CreateTable } from './tables/create.ts';
import * as tableOperations from './tables/operations.ts';
import * as tables from './tables.ts';
import * as tagOperations from './tags/operations.ts';

export const service = defineService<Dynamodb>({
  name: 'dynamodb',
  tables: Object.values(tables),
  operations: {
    ...{ CreateTable, ...tableOperations, ...tagOperations },
    ...{ PutItem, GetItem, DeleteItem, UpdateItem, Query, Scan },
  },
  authorize,
  reconcilers: [clearing],
  afterReply,
  dataEvents: ['PutItem', 'GetItem', 'DeleteItem', 'UpdateItem', 'Query', 'Scan'],
});
