/** S3 Tables: its contents page. Tables are written by the services that manage them: what is not listed here answers NotImplemented. */

import { defineService } from '../../framework/service.ts';
import { icebergTables, tableBuckets, tableNamespaces } from '../../framework/s3-tables/tables.ts';
import { onNewTableBucket, onTable, onTableBucket, onTableBuckets } from './authorize.ts';
import * as tables from './iceberg-tables/operations.ts';
import { answerCatalog, catalogPrefix } from './iceberg-rest/catalog.ts';
import * as namespaces from './namespaces/operations.ts';
import type { S3tables } from './sdk.ts';
import * as buckets from './table-buckets/operations.ts';

export const service = defineService<S3tables>({
  name: 's3tables',
  tables: [tableBuckets, tableNamespaces, icebergTables],
  operations: { ...buckets, ...namespaces, ...tables },
  authorize: {
    ...{ ListTableBuckets: onTableBuckets, CreateTableBucket: onNewTableBucket },
    ...{ GetTableBucket: onTableBucket, GetTableBucketEncryption: onTableBucket, DeleteTableBucket: onTableBucket },
    ...{ ListNamespaces: onTableBucket, GetNamespace: onTableBucket, DeleteNamespace: onTableBucket },
    ListTables: onTableBucket,
    ...{ GetTable: onTable, DeleteTable: onTable },
    ...{ GetTableEncryption: onTable, GetTableMetadataLocation: onTable },
  },
  signedPaths: { prefix: catalogPrefix, answer: answerCatalog },
  dataEvents: ['GetTable', 'GetTableMetadataLocation', 'GetTableEncryption'],
});
