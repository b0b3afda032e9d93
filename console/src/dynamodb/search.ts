/** Tables, for the search over everything. */

import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { paged, type Finder } from '../shell/finder.ts';
import { dynamodb } from './client.ts';

export const finders: readonly Finder[] = [
  {
    id: 'dynamodb-tables',
    kind: { en: 'Tables', ko: '테이블' },
    pages: (abortSignal) =>
      paged(
        (ExclusiveStartTableName) =>
          dynamodb().send(new ListTablesCommand(ExclusiveStartTableName ? { ExclusiveStartTableName } : {}), { abortSignal }),
        ({ LastEvaluatedTableName }) => LastEvaluatedTableName,
        ({ TableNames = [] }) => TableNames.map((id) => ({ id, to: ['dynamodb', 'tables', id] })),
      ),
  },
];
