/** What DescribeTable and its kin tell of a table. */

import type {
  GlobalSecondaryIndexDescription,
  KeySchemaElement,
  LocalSecondaryIndexDescription,
  Projection as SdkProjection,
  ProvisionedThroughputDescription,
  TableDescription,
  TableStatus,
} from '@aws-sdk/client-dynamodb';
import {
  globalIndexes,
  indexArn,
  isUnready,
  localIndexes,
  tableArn,
  type KeySchema,
  type TableIndex,
  type TableRecord,
  type LatestStream,
  type Throughput,
} from './table.ts';
import { describeVectors } from '../vectors/vector-index.ts';
import { describeWarm } from './warm-throughput.ts';
import { describeEncryption } from './encryption.ts';
import { describeReplicas, globalTableVersion, isSharing } from '../global-tables/global-table.ts';
import { streamArn } from '../streams/stream.ts';
import { isPartitionKey } from '../values/key-schema.ts';

export function describe(table: TableRecord, status: TableStatus = statusOf(table)): TableDescription {
  const locals = localIndexes(table).map((index) => describeLocal(table, index));
  const globals = globalIndexes(table).map((index) => describeGlobal(table, index, status === 'CREATING' ? 'CREATING' : undefined));
  return {
    AttributeDefinitions: table.attributes.map(({ name, type }) => ({ AttributeName: name, AttributeType: type })),
    TableName: table.name,
    KeySchema: describeKeys(table.keys),
    TableStatus: status,
    CreationDateTime: new Date(table.created),
    ProvisionedThroughput: describeThroughput(table.throughput),
    TableSizeBytes: table.bytes,
    ItemCount: table.items,
    TableArn: tableArn(table),
    TableId: table.id,
    ...(table.billingTold && { BillingModeSummary: billingSummary(table, status) }),
    ...(locals.length > 0 && { LocalSecondaryIndexes: locals }),
    ...(globals.length > 0 && { GlobalSecondaryIndexes: globals }),
    ...(table.vectors && table.vectors.length > 0 && { VectorIndexes: describeVectors(table, status === 'CREATING') }),
    ...tellWarm(status, table.billing, table),
    ...(table.onDemand && { OnDemandThroughput: table.onDemand }),
    ...(table.tableClass && {
      TableClassSummary: {
        TableClass: table.tableClass as 'STANDARD',
        ...(table.tableClassChanged && { LastUpdateDateTime: new Date(table.tableClassChanged) }),
      },
    }),
    ...(table.restored && {
      RestoreSummary: {
        ...(table.restored.backup !== undefined && { SourceBackupArn: table.restored.backup }),
        SourceTableArn: table.restored.table,
        RestoreDateTime: new Date(table.restored.at),
        RestoreInProgress: table.restoring !== undefined,
      },
    }),
    ...describeEncryption(table),
    ...(table.stream && describeStream(table, table.stream)),
    ...(isSharing(table) && {
      GlobalTableVersion: globalTableVersion,
      Replicas: describeReplicas(table),
      GlobalTableSettingsReplicationMode: 'ENABLED_WITH_OVERRIDES',
      MultiRegionConsistency: 'EVENTUAL',
    }),
    DeletionProtectionEnabled: table.deletionProtection,
  };
}

function statusOf(table: TableRecord): TableStatus {
  if (isUnready(table)) return 'CREATING';
  return table.sse?.inaccessible === undefined ? 'ACTIVE' : 'INACCESSIBLE_ENCRYPTION_CREDENTIALS';
}

function describeStream(table: TableRecord, { label, view, disabled }: LatestStream): Partial<TableDescription> {
  return {
    ...(!disabled && { StreamSpecification: { StreamEnabled: true, StreamViewType: view } }),
    LatestStreamLabel: label,
    LatestStreamArn: streamArn({ ...table, label }),
  };
}

function billingSummary(table: TableRecord, status: TableStatus): TableDescription['BillingModeSummary'] {
  return {
    BillingMode: table.billing,
    ...(status !== 'CREATING' && table.payPerRequestSince && { LastUpdateToPayPerRequestDateTime: new Date(table.payPerRequestSince) }),
  };
}

export const describeKeys = (keys: KeySchema): KeySchemaElement[] =>
  keys.map((key, at) => ({ AttributeName: key.name, KeyType: isPartitionKey(key, at) ? 'HASH' : 'RANGE' }));

const describeProjection = ({ type, nonKey }: TableIndex['projection']): SdkProjection => ({
  ProjectionType: type,
  ...(nonKey && { NonKeyAttributes: nonKey }),
});

/** A table that is being created tells only what was asked for. */
const tellWarm = (status: TableStatus | undefined, billing: TableRecord['billing'], part: Parameters<typeof describeWarm>[1]) =>
  status === 'CREATING' && !part.warm ? {} : { WarmThroughput: describeWarm(billing, part) };

function describeThroughput({ read, write, increased, decreased, decreases }: Throughput): ProvisionedThroughputDescription {
  return {
    ...(increased !== undefined && { LastIncreaseDateTime: new Date(increased) }),
    ...(decreased !== undefined && { LastDecreaseDateTime: new Date(decreased) }),
    NumberOfDecreasesToday: decreases,
    ReadCapacityUnits: read,
    WriteCapacityUnits: write,
  };
}

function describeLocal(table: TableRecord, index: TableIndex): LocalSecondaryIndexDescription {
  return {
    IndexName: index.name,
    KeySchema: describeKeys(index.keys),
    Projection: describeProjection(index.projection),
    IndexSizeBytes: index.bytes ?? 0,
    ItemCount: index.items ?? 0,
    IndexArn: indexArn(table, index.name),
  };
}

function describeGlobal(table: TableRecord, index: TableIndex, status: 'CREATING' | undefined): GlobalSecondaryIndexDescription {
  return {
    ...describeLocal(table, index),
    IndexStatus: status ?? index.status ?? 'ACTIVE',
    ...(index.status === 'CREATING' && { Backfilling: true }),
    ProvisionedThroughput: describeThroughput(index.throughput ?? { read: 0, write: 0, decreases: 0 }),
    ...(index.onDemand && { OnDemandThroughput: index.onDemand }),
    ...tellWarm(status, table.billing, index),
  };
}
