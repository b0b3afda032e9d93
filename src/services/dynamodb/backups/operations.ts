/** CreateBackup, DescribeBackup, ListBackups, DeleteBackup. */

import type { BackupDetails, BackupDescription } from '@aws-sdk/client-dynamodb';
import { parseArn } from '../../../framework/arn.ts';
import { AwsError } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { addFault, checkEnum, checkLength, checkRange, refuseFaults, type Faults } from '../constraints.ts';
import { noSuchTable, validationException } from '../errors.ts';
import type { Operation } from '../sdk.ts';
import { newSpace } from '../tables/create.ts';
import { describe } from '../tables/description.ts';
import { placeOf, requireNamedTable } from '../tables/lookup.ts';
import { tableArn } from '../tables/table.ts';
import { backups, clearances, tables } from '../tables.ts';
import { describeVectorInfo } from '../vectors/vector-index.ts';
import { backupArn, type Backup } from './backup.ts';

const listedMax = 100;

/** The backup of an ARN. Throws BackupNotFoundException. */
export async function requireBackup(tx: ReadTransaction, arn: string): Promise<Backup> {
  const parsed = parseArn(arn);
  const id = /^table\/[^/]+\/backup\/([^/]+)$/.exec(parsed?.service === 'dynamodb' ? parsed.resource : '')?.[1];
  if (id === undefined) throw validationException(`Invalid BackupArn: ${arn}`);
  const backup = await backups.get(tx, parsed!.account, parsed!.region, id);
  if (!backup || backupArn(backup) !== arn) throw new AwsError('BackupNotFoundException', `Backup not found: ${arn}`);
  return backup;
}

export const CreateBackup: Operation<'CreateBackup'> = async (request, input) => {
  const { BackupName: backupName, TableName } = input;
  const faults: Faults = [];
  checkLength(faults, 'backupName', backupName, 3, 255);
  if (!/^[a-zA-Z0-9_.-]+$/.test(backupName!))
    addFault(faults, 'backupName', backupName, 'Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+');
  refuseFaults(faults);
  const { random, now } = request;
  const id = `${String(now).padStart(14, '0')}-${random.text(8, '0123456789abcdef')}`;
  const [space, feed] = [newSpace(random), newSpace(random)];
  const backup = await request.store.write(async (tx) => {
    const table = await requireNamedTable(tx, placeOf(request, TableName!), noSuchTable);
    const { account, region } = table;
    const made: Backup = { account, region, id, backupName: backupName!, table, space, feed, created: now, status: 'CREATING', bytes: 0 };
    await backups.put(tx, made);
    await tables.put(tx, { ...table, feeds: [...(table.feeds ?? []), { kind: 'backup', space: feed, view: 'OLD_IMAGE' }] });
    return made;
  });
  return { BackupDetails: detailsOf(backup) };
};

function detailsOf(backup: Backup): BackupDetails {
  return {
    BackupArn: backupArn(backup),
    BackupName: backup.backupName,
    BackupSizeBytes: backup.bytes,
    BackupStatus: backup.status,
    BackupType: 'USER',
    BackupCreationDateTime: new Date(backup.created),
  };
}

function descriptionOf(backup: Backup): BackupDescription {
  const { table } = backup;
  const { LocalSecondaryIndexes, GlobalSecondaryIndexes, StreamSpecification, KeySchema, ProvisionedThroughput } = describe(table);
  return {
    BackupDetails: detailsOf(backup),
    SourceTableDetails: {
      TableName: table.name,
      TableId: table.id,
      TableArn: tableArn(table),
      TableSizeBytes: backup.bytes,
      KeySchema: KeySchema!,
      TableCreationDateTime: new Date(table.created),
      ProvisionedThroughput: {
        ReadCapacityUnits: ProvisionedThroughput!.ReadCapacityUnits!,
        WriteCapacityUnits: ProvisionedThroughput!.WriteCapacityUnits!,
      },
      BillingMode: table.billing,
    },
    SourceTableFeatureDetails: {
      ...(table.vectors && table.vectors.length > 0 && { VectorIndexes: table.vectors.map(describeVectorInfo) }),
      ...(LocalSecondaryIndexes && {
        LocalSecondaryIndexes: LocalSecondaryIndexes.map(({ IndexName, KeySchema: keys, Projection }) => ({
          IndexName: IndexName!,
          KeySchema: keys!,
          Projection: Projection!,
        })),
      }),
      ...(GlobalSecondaryIndexes && {
        GlobalSecondaryIndexes: GlobalSecondaryIndexes.map(({ IndexName, KeySchema: keys, Projection }) => ({
          IndexName: IndexName!,
          KeySchema: keys!,
          Projection: Projection!,
        })),
      }),
      ...(StreamSpecification && { StreamDescription: StreamSpecification }),
      ...(table.timeToLive !== undefined && {
        TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED', AttributeName: table.timeToLive },
      }),
    },
  };
}

export const DescribeBackup: Operation<'DescribeBackup'> = async (request, input) => ({
  BackupDescription: descriptionOf(await request.store.read((tx) => requireBackup(tx, input.BackupArn!))),
});

export const ListBackups: Operation<'ListBackups'> = async (request, input) => {
  const faults: Faults = [];
  checkRange(faults, 'limit', input.Limit, 1, listedMax);
  checkEnum(faults, 'backupType', input.BackupType, ['USER', 'SYSTEM', 'AWS_BACKUP', 'ALL']);
  refuseFaults(faults);
  const { account, region } = request;
  const limit = input.Limit ?? listedMax;
  const table = input.TableName === undefined ? undefined : placeOf(request, input.TableName).name;
  const wanted = ({ table: of, created }: Backup): boolean =>
    (table === undefined || of.name === table) &&
    (input.BackupType === undefined || input.BackupType === 'USER' || input.BackupType === 'ALL') &&
    created >= (input.TimeRangeLowerBound?.getTime() ?? 0) &&
    created < (input.TimeRangeUpperBound?.getTime() ?? Infinity);
  const start = input.ExclusiveStartBackupArn?.split('/').at(-1);
  const from = start === undefined ? [account, region] : [account, region, `${start}\0`];
  const found: Backup[] = [];
  await request.store.read(async (tx) => {
    found.length = 0;
    for (const { row } of await backups.between(tx, from, [account, `${region}\0`]))
      if (wanted(row) && found.length <= limit) found.push(row);
  });
  const page = found.slice(0, limit);
  return {
    BackupSummaries: page.map((backup) => ({
      ...detailsOf(backup),
      TableName: backup.table.name,
      TableId: backup.table.id,
      TableArn: tableArn(backup.table),
    })),
    ...(found.length > limit && { LastEvaluatedBackupArn: backupArn(page.at(-1)!) }),
  };
};

export const DeleteBackup: Operation<'DeleteBackup'> = async (request, input) => {
  const backup = await request.store.write(async (tx) => {
    const found = await requireBackup(tx, input.BackupArn!);
    const { account, region, id, space, status } = found;
    if (status === 'CREATING' || (await isRestored(tx, request, space)))
      throw new AwsError('BackupInUseException', `Backup is being created or restored: ${input.BackupArn}`);
    await backups.delete(tx, account, region, id);
    await clearances.put(tx, { account, region, space });
    return found;
  });
  const description = descriptionOf(backup);
  return { BackupDescription: { ...description, BackupDetails: { ...description.BackupDetails!, BackupStatus: 'DELETED' } } };
};

async function isRestored(tx: ReadTransaction, { account, region }: ServiceRequest, space: string): Promise<boolean> {
  const all = await tables.scan(tx, [account, region]);
  return all.some(({ row }) => row.restoring?.from === space);
}
