/** Glue's data catalog: its contents page. What is not listed here answers NotImplemented. */

import { defineService } from '../../framework/service.ts';
import { onCatalog, onCreateDatabase, onDatabase, onTable, onTables, onTags } from './authorize.ts';
import * as databases from './databases/operations.ts';
import type { Glue } from './sdk.ts';
import * as catalogTables from './tables/operations.ts';
import * as versions from './tables/versions.ts';
import { tables } from './tables.ts';

export const service = defineService<Glue>({
  name: 'glue',
  tables,
  operations: { ...databases, ...catalogTables, ...versions },
  authorize: {
    CreateDatabase: onCreateDatabase,
    GetDatabase: onDatabase,
    GetDatabases: onCatalog,
    UpdateDatabase: onDatabase,
    DeleteDatabase: onDatabase,
    CreateTable: onTable,
    GetTable: onTable,
    GetTables: onTables,
    UpdateTable: onTable,
    DeleteTable: onTable,
    GetPartitionIndexes: onTable,
    GetTableVersions: onTable,
    GetTableVersion: onTable,
    DeleteTableVersion: onTable,
    GetTags: onTags,
    TagResource: onTags,
    UntagResource: onTags,
  },
});
