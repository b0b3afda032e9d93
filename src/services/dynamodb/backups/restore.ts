/** RestoreTableFromBackup, RestoreTableToPointInTime, and continuous backups. */

import type { ContinuousBackupsDescription } from '@aws-sdk/client-dynamodb';
import { AwsError } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { checkRange, refuseFaults, type Faults } from '../constraints.ts';
import { noSuchTable, tableExists, validationException } from '../errors.ts';
import type { Input, Operation } from '../sdk.ts';
import { usedAttributes } from '../tables/attributes.ts';
import { newSpace, throughputOf } from '../tables/create.ts';
import { checkOnDemandLimits } from '../tables/definition.ts';
import { describe } from '../tables/description.ts';
import { fillingLater } from '../vectors/updates.ts';
import { vectorIndexes } from '../vectors/vector-index.ts';
import { placeOf, requireNamedTable } from '../tables/lookup.ts';
import { tableArn, withoutFeed, type TableRecord } from '../tables/table.ts';
import { newTableKey, wantedKey } from '../tables/encryption.ts';
import { clearances, feedHeads, tableKeys, tables, type TableKey } from '../tables.ts';
import { backupArn, earliestRestorable, type Restored, type Restoring } from './backup.ts';
import { requireBackup } from './operations.ts';

const daysMax = 35;

type Overrides = Pick<
  Input<'RestoreTableFromBackup'>,
  | 'BillingModeOverride'
  | 'GlobalSecondaryIndexOverride'
  | 'LocalSecondaryIndexOverride'
  | 'ProvisionedThroughputOverride'
  | 'OnDemandThroughputOverride'
  | 'SSESpecificationOverride'
  | 'VectorIndexOverride'
>;

/** Streams, times to live, tags and policies are not restored, as in AWS. */
function restoredTable(request: ServiceRequest, source: TableRecord, name: string, input: Overrides, spaces: string[]): TableRecord {
  const { account, region, attributes, keys, tableClass } = source;
  const billing = input.BillingModeOverride ?? source.billing;
  const kept = (index: TableRecord['indexes'][number]): boolean => {
    const overrides = index.kind === 'global' ? input.GlobalSecondaryIndexOverride : input.LocalSecondaryIndexOverride;
    return index.status === undefined && (!overrides || overrides.some(({ IndexName }) => IndexName === index.name));
  };
  const indexes = source.indexes.filter(kept).map(({ warm: _, ...index }, at) => ({ ...index, space: spaces[at]! }));
  const vectors = vectorIndexes(source)
    .filter(({ name }) => !input.VectorIndexOverride || input.VectorIndexOverride.some(({ IndexName }) => IndexName === name))
    .map((index) => ({ ...index, space: newSpace(request.random) }));
  if (vectors.length > 0 && billing === 'PROVISIONED')
    throw validationException('Vector indexes are only supported for tables in PAY_PER_REQUEST billing mode');
  return fillingLater({
    account,
    region,
    name,
    id: request.random.uuid(),
    space: newSpace(request.random),
    created: request.now,
    attributes: usedAttributes({ attributes, keys, indexes, vectors }),
    keys,
    billing,
    ...(billing === 'PAY_PER_REQUEST' && { billingTold: true, payPerRequestSince: request.now }),
    throughput: input.ProvisionedThroughputOverride
      ? throughputOf(input.ProvisionedThroughputOverride)
      : billing === 'PROVISIONED'
        ? { ...source.throughput, decreases: 0 }
        : throughputOf(undefined),
    ...onDemandOf(billing, input.OnDemandThroughputOverride),
    indexes,
    ...(vectors.length > 0 && { vectors }),
    deletionProtection: false,
    ...(tableClass !== undefined && { tableClass }),
    items: 0,
    bytes: 0,
    counted: 0,
  });
}

/** The restored table's own maximum. Throws ValidationException for what is none, and for a provisioned table. */
function onDemandOf(billing: TableRecord['billing'], override: Overrides['OnDemandThroughputOverride']): Pick<TableRecord, 'onDemand'> {
  const { MaxReadRequestUnits: read, MaxWriteRequestUnits: write } = override ?? {};
  checkOnDemandLimits(billing, override);
  if (read === undefined && write === undefined) return {};
  return {
    onDemand: { ...(read !== undefined && { MaxReadRequestUnits: read }), ...(write !== undefined && { MaxWriteRequestUnits: write }) },
  };
}

/** Enough names for the indexes of any table. */
const indexSpaces = (request: ServiceRequest): string[] => Array.from({ length: 25 }, () => newSpace(request.random));

export const RestoreTableFromBackup: Operation<'RestoreTableFromBackup'> = async (request, input) => {
  const backup = await request.store.read((tx) => requireBackup(tx, input.BackupArn!));
  if (backup.status !== 'AVAILABLE') throw new AwsError('BackupInUseException', `Backup is being created: ${input.BackupArn}`);
  const made = restoredTable(request, backup.table, input.TargetTableName!, input, indexSpaces(request));
  const restored: Restored = { at: request.now, table: tableArn(backup.table), backup: backupArn(backup) };
  return {
    TableDescription: describe(
      await putRestored(request, await encrypted(request, made, backup.table, input), { from: backup.space }, restored),
    ),
  };
};

type Made = { made: TableRecord; key?: TableKey };

/** With a data key of its own, under the KMS key of its source or the one that is asked for. */
async function encrypted(request: ServiceRequest, made: TableRecord, source: TableRecord, input: Overrides): Promise<Made> {
  const override = input.SSESpecificationOverride;
  const keyId = override ? wantedKey(override) : source.sse?.keyArn;
  if (keyId === undefined) return { made };
  const { sse, row } = await newTableKey(request, made, keyId);
  return { made: { ...made, sse }, key: row };
}

async function putRestored(request: ServiceRequest, { made, key }: Made, restoring: Restoring, restored: Restored): Promise<TableRecord> {
  const table = { ...made, restoring, restored };
  await request.store.write(async (tx) => {
    const { account, region, name } = table;
    if (await tables.get(tx, account, region, name)) throw new AwsError('TableAlreadyExistsException', tableExists(name).message);
    await tables.put(tx, table);
    if (key) await tableKeys.put(tx, key);
  });
  return table;
}

export const RestoreTableToPointInTime: Operation<'RestoreTableToPointInTime'> = async (request, input) => {
  const named = input.SourceTableArn ?? input.SourceTableName!;
  const source = await request.store.read((tx) => requireNamedTable(tx, placeOf(request, named), noSuchTable));
  const { recovery } = source;
  if (!recovery)
    throw new AwsError('PointInTimeRecoveryUnavailableException', `Point in time recovery is not enabled for table '${source.name}'`);
  const to = input.UseLatestRestorableTime ? request.now : (input.RestoreDateTime?.getTime() ?? request.now);
  if (to < earliestRestorable(recovery, request.now) || to > request.now)
    throw new AwsError(
      'InvalidRestoreTimeException',
      'An invalid restore time was specified. RestoreDateTime must be between EarliestRestorableDateTime and LatestRestorableDateTime.',
    );
  const made = restoredTable(request, source, input.TargetTableName!, input, indexSpaces(request));
  const restoring: Restoring = { from: source.space, history: { space: recovery.space, to } };
  return {
    TableDescription: describe(
      await putRestored(request, await encrypted(request, made, source, input), restoring, { at: to, table: tableArn(source) }),
    ),
  };
};

export const UpdateContinuousBackups: Operation<'UpdateContinuousBackups'> = async (request, input) => {
  const { PointInTimeRecoveryEnabled: enabled, RecoveryPeriodInDays: days = daysMax } = input.PointInTimeRecoverySpecification!;
  const faults: Faults = [];
  checkRange(faults, 'pointInTimeRecoverySpecification.recoveryPeriodInDays', days, 1, daysMax);
  refuseFaults(faults);
  const space = newSpace(request.random);
  const table = await request.store.write(async (tx) => {
    const found = await requireNamedTable(tx, placeOf(request, input.TableName!), noSuchTable);
    const { account, region, recovery } = found;
    let next = found;
    if (enabled && recovery) next = { ...found, recovery: { ...recovery, days } };
    else if (enabled) {
      const feeds = [...(found.feeds ?? []), { kind: 'history', space, view: 'OLD_IMAGE' } as const];
      next = { ...found, feeds, recovery: { space, since: request.now, days } };
    } else if (recovery) {
      const { recovery: _, ...rest } = withoutFeed(found, recovery.space);
      next = rest;
      await feedHeads.delete(tx, account, region, recovery.space);
      await clearances.put(tx, { account, region, space: recovery.space });
    }
    await tables.put(tx, next);
    return next;
  });
  return { ContinuousBackupsDescription: continuousBackups(table, request.now) };
};

export const DescribeContinuousBackups: Operation<'DescribeContinuousBackups'> = async (request, input) => {
  const table = await request.store.read((tx) => requireNamedTable(tx, placeOf(request, input.TableName!), noSuchTable));
  return { ContinuousBackupsDescription: continuousBackups(table, request.now) };
};

function continuousBackups({ recovery }: TableRecord, now: number): ContinuousBackupsDescription {
  return {
    // AWS says ENABLED of every table; only point-in-time recovery is a choice.
    ContinuousBackupsStatus: 'ENABLED',
    PointInTimeRecoveryDescription: recovery
      ? {
          PointInTimeRecoveryStatus: 'ENABLED',
          RecoveryPeriodInDays: recovery.days,
          EarliestRestorableDateTime: new Date(earliestRestorable(recovery, now)),
          LatestRestorableDateTime: new Date(now),
        }
      : { PointInTimeRecoveryStatus: 'DISABLED' },
  };
}
