/** DynamoDB: tables of items, their indexes. What is not listed here answers NotImplemented. */

import { defineService } from '../../framework/service.ts';
import { standingUse } from '../../framework/standing-use.ts';
import { afterReply } from './after-reply.ts';
import { authorize } from './authorize.ts';
import { backupCopier } from './backups/copier.ts';
import { historyTrimmer } from './backups/history-trimmer.ts';
import * as backupOperations from './backups/operations.ts';
import * as restore from './backups/restore.ts';
import { restorer } from './backups/restorer.ts';
import { BatchGetItem } from './batches/batch-get.ts';
import { BatchWriteItem } from './batches/batch-write.ts';
import { bulkWriter } from './bulk-operations/bulk-writer.ts';
import * as bulkOperations from './bulk-operations/operations.ts';
import { exporter } from './exports/exporter.ts';
import * as exportOperations from './exports/operations.ts';
import { checkInput } from './forms.ts';
import * as legacyGlobalTables from './global-tables/legacy/operations.ts';
import * as legacySettings from './global-tables/legacy/settings.ts';
import { peerReplication } from './global-tables/peers/carrier.ts';
import { takeMessage } from './global-tables/peers/receiver.ts';
import { replication } from './global-tables/replication.ts';
import { answerUnrouted } from './front-door.ts';
import { importer } from './imports/importer.ts';
import * as importOperations from './imports/operations.ts';
import { GetItem } from './items/get.ts';
import { DeleteItem, PutItem } from './items/put-and-delete.ts';
import { UpdateItem } from './items/update.ts';
import { ExecuteTransaction } from './partiql/execute-transaction.ts';
import { BatchExecuteStatement, ExecuteStatement } from './partiql/operations.ts';
import * as contributorInsights from './contributor-insights/operations.ts';
import { kinesisDelivery } from './kinesis-destinations/delivery.ts';
import * as kinesisDestinations from './kinesis-destinations/operations.ts';
import * as policyOperations from './policies/operations.ts';
import { Query } from './queries/query.ts';
import { Scan } from './queries/scan.ts';
import * as replicaAutoScaling from './replica-auto-scaling/operations.ts';
import type { Dynamodb } from './sdk.ts';
import { backfill } from './storage/backfill.ts';
import { clearing } from './storage/clearing.ts';
import { counter } from './tables/counter.ts';
import { keyKeeper } from './tables/key-keeper.ts';
import { standing } from './tables/standing.ts';
import { CreateTable } from './tables/create.ts';
import * as tableOperations from './tables/operations.ts';
import { transitionEnder } from './tables/transition.ts';
import { UpdateTable } from './tables/update.ts';
import * as tables from './tables.ts';
import * as tagOperations from './tags/operations.ts';
import { streamTrimmer } from './streams/trimmer.ts';
import { timeToLiveExpiry } from './time-to-live/expiry.ts';
import * as timeToLiveOperations from './time-to-live/operations.ts';
import { tokenExpiry } from './transactions/token-expiry.ts';
import { TransactGetItems } from './transactions/transact-get.ts';
import { TransactWriteItems } from './transactions/transact-write.ts';
import { SearchVectors } from './vectors/search.ts';

const { PutResourcePolicy, GetResourcePolicy, DeleteResourcePolicy } = policyOperations;

const { forgetDestinations: _, ...destinationOperations } = kinesisDestinations;
const { requireBackup: __, ...ownBackups } = backupOperations;

export const service = defineService<Dynamodb>({
  name: 'dynamodb',
  tables: [...Object.values(tables), standingUse],
  operations: {
    ...{ CreateTable, UpdateTable, ...tableOperations, ...tagOperations, ...timeToLiveOperations },
    ...contributorInsights,
    ...{ ...legacyGlobalTables, ...legacySettings, ...replicaAutoScaling },
    ...destinationOperations,
    ...{ ...ownBackups, ...restore },
    ...{ ...exportOperations, ...importOperations, ...bulkOperations },
    ...{ PutResourcePolicy, GetResourcePolicy, DeleteResourcePolicy },
    ...{ PutItem, GetItem, DeleteItem, UpdateItem, Query, Scan, SearchVectors },
    ...{ ExecuteStatement, BatchExecuteStatement, ExecuteTransaction },
    ...{ BatchGetItem, BatchWriteItem, TransactGetItems, TransactWriteItems },
  },
  beforeRouting: answerUnrouted,
  signedPages: { replication: takeMessage },
  checkInput,
  authorize,
  reconcilers: [
    backfill,
    backupCopier,
    restorer,
    exporter,
    importer,
    bulkWriter,
    counter,
    keyKeeper,
    transitionEnder,
    historyTrimmer,
    clearing,
    kinesisDelivery,
    replication,
    peerReplication,
    streamTrimmer,
    timeToLiveExpiry,
    tokenExpiry,
    standing,
  ],
  afterReply,
  dataEvents: [
    'PutItem',
    'GetItem',
    'DeleteItem',
    'UpdateItem',
    'Query',
    'Scan',
    'SearchVectors',
    'BatchGetItem',
    'BatchWriteItem',
    'TransactGetItems',
    'TransactWriteItems',
    'ExecuteStatement',
    'BatchExecuteStatement',
    'ExecuteTransaction',
  ],
});
