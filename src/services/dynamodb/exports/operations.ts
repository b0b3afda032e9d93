/** ExportTableToPointInTime, DescribeExport, ListExports. */

import { parseArn } from '../../../framework/arn.ts';
import { AwsError } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { addFault, checkEnum, checkLength, checkRange, refuseFaults, type Faults } from '../constraints.ts';
import { earliestRestorable } from '../backups/backup.ts';
import { validationException } from '../errors.ts';
import type { Input, Operation } from '../sdk.ts';
import { newSpace } from '../tables/create.ts';
import { placeOf } from '../tables/lookup.ts';
import type { TableRecord } from '../tables/table.ts';
import { exports, tables } from '../tables.ts';
import { begunBefore, checkConcurrency, digestOf, newTransferId, transferOfArn } from '../transfers.ts';
import { describeExport, exportArn, type Export, type ExportWindow } from './export.ts';

type Wish = Input<'ExportTableToPointInTime'>;

const listedMax = 25;
/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html#limits-tables */
const concurrentMax = 300;
const windowMillisecondsMin = 15 * 60_000;
const windowMillisecondsMax = 24 * 3_600_000;

export const ExportTableToPointInTime: Operation<'ExportTableToPointInTime'> = async (request, input) => {
  checkForm(input);
  const { now, random } = request;
  const token = input.ClientToken ?? random.uuid();
  const digest = digestOf(input);
  const id = newTransferId(request);
  const space = newSpace(random);
  const made = await request.store.write(async (tx) => {
    const place = placeOf(request, input.TableArn!);
    const table = await tables.get(tx, place.account, place.region, place.name);
    if (!table) throw new AwsError('TableNotFoundException', `Table not found: ${input.TableArn}`);
    const { account, region } = table;
    const present = (await exports.scan(tx, [account, region])).map(({ row }) => row);
    const same = begunBefore('Export', present, { token, digest }, now);
    if (same) return same;
    checkConcurrency('Export', present, concurrentMax);
    const fresh = newExport(request, table, input, { id, space, token, digest });
    await exports.put(tx, fresh);
    return fresh;
  });
  return { ExportDescription: describeExport(made) };
};

function newExport(
  { now, principal }: ServiceRequest,
  table: TableRecord,
  input: Wish,
  drawn: Pick<Export, 'id' | 'space' | 'token' | 'digest'>,
): Export {
  const { recovery } = table;
  if (!recovery)
    throw new AwsError('PointInTimeRecoveryUnavailableException', `Point in time recovery is not enabled for table '${table.name}'`);
  const window = input.ExportType === 'INCREMENTAL_EXPORT' ? windowOf(input, now) : undefined;
  const time = input.ExportTime?.getTime() ?? now;
  const earliest = earliestRestorable(recovery, now);
  const outside = window ? window.from < earliest || window.to > now : time < earliest || time > now;
  if (outside)
    throw new AwsError('InvalidExportTimeException', 'The specified ExportTime is outside of the point in time recovery window.');
  return {
    ...{ account: table.account, region: table.region, table, caller: principal, ...drawn },
    format: input.ExportFormat ?? 'DYNAMODB_JSON',
    time,
    ...(window && { window }),
    bucket: input.S3Bucket!,
    ...(input.S3BucketOwner !== undefined && { bucketOwner: input.S3BucketOwner }),
    ...(input.S3Prefix !== undefined && { prefix: input.S3Prefix }),
    ...(input.S3SseAlgorithm !== undefined && { algorithm: input.S3SseAlgorithm }),
    ...(input.S3SseKmsKeyId !== undefined && { kmsKey: input.S3SseKmsKeyId }),
    started: now,
    status: 'IN_PROGRESS',
    step: window ? { name: 'collect', at: 0 } : { name: 'copy' },
    ...{ files: 0, items: 0, bytes: 0 },
  };
}

function windowOf({ IncrementalExportSpecification: given }: Wish, now: number): ExportWindow {
  if (!given?.ExportFromTime)
    throw validationException('IncrementalExportSpecification with ExportFromTime is required for INCREMENTAL_EXPORT');
  // Windows are counted in seconds, as the history is.
  const [from, to] = [given.ExportFromTime.getTime(), given.ExportToTime?.getTime() ?? now].map(
    (time) => Math.floor(time / 1000) * 1000,
  ) as [number, number];
  if (to - from < windowMillisecondsMin || to - from > windowMillisecondsMax)
    throw validationException('The export period must be between 15 minutes and 24 hours');
  return { from, to, view: given.ExportViewType ?? 'NEW_AND_OLD_IMAGES' };
}

function checkForm(input: Wish): void {
  const faults: Faults = [];
  checkLength(faults, 's3Bucket', input.S3Bucket, 1, 255);
  if (!/^[a-z0-9A-Z]+[.\-\w]*[a-z0-9A-Z]+$/.test(input.S3Bucket!))
    addFault(faults, 's3Bucket', input.S3Bucket, 'Member must satisfy regular expression pattern: ^[a-z0-9A-Z]+[\\.\\-\\w]*[a-z0-9A-Z]+$');
  if (input.S3BucketOwner !== undefined && !/^\d{12}$/.test(input.S3BucketOwner))
    addFault(faults, 's3BucketOwner', input.S3BucketOwner, 'Member must satisfy regular expression pattern: [0-9]{12}');
  checkLength(faults, 's3Prefix', input.S3Prefix, 0, 1024);
  checkEnum(faults, 's3SseAlgorithm', input.S3SseAlgorithm, ['AES256', 'KMS']);
  checkEnum(faults, 'exportFormat', input.ExportFormat, ['DYNAMODB_JSON', 'ION']);
  checkEnum(faults, 'exportType', input.ExportType, ['FULL_EXPORT', 'INCREMENTAL_EXPORT']);
  const { IncrementalExportSpecification: incremental } = input;
  checkEnum(faults, 'incrementalExportSpecification.exportViewType', incremental?.ExportViewType, ['NEW_IMAGE', 'NEW_AND_OLD_IMAGES']);
  refuseFaults(faults);
  if (!parseArn(input.TableArn!)) throw validationException(`Invalid TableArn: ${input.TableArn}`);
  if (input.S3SseKmsKeyId !== undefined && input.S3SseAlgorithm !== 'KMS')
    throw validationException('S3SseKmsKeyId must not be specified when S3SseAlgorithm is not KMS');
  if (incremental && input.ExportType !== 'INCREMENTAL_EXPORT')
    throw validationException('IncrementalExportSpecification is only allowed for INCREMENTAL_EXPORT');
  if (input.ExportType === 'INCREMENTAL_EXPORT' && input.ExportTime)
    throw validationException('ExportTime is only allowed for FULL_EXPORT');
}

export const DescribeExport: Operation<'DescribeExport'> = async (request, input) => {
  const given = input.ExportArn!;
  const { account, region, id } = transferOfArn('Export', given);
  const made = await request.store.read((tx) => exports.get(tx, account, region, id));
  if (!made || exportArn(made) !== given) throw new AwsError('ExportNotFoundException', `Export not found: ${given}`);
  return { ExportDescription: describeExport(made) };
};

export const ListExports: Operation<'ListExports'> = async (request, input) => {
  const faults: Faults = [];
  checkRange(faults, 'maxResults', input.MaxResults, 1, listedMax);
  refuseFaults(faults);
  const { account, region } = request;
  const name = input.TableArn === undefined ? undefined : placeOf(request, input.TableArn).name;
  const all = await request.store.read((tx) => exports.scan(tx, [account, region]));
  const after = input.NextToken ?? '';
  const rows = all.map(({ row }) => row).filter(({ id, table }) => id > after && (name === undefined || table.name === name));
  const page = rows.slice(0, input.MaxResults ?? listedMax);
  return {
    ExportSummaries: page.map((made) => ({
      ExportArn: exportArn(made),
      ExportStatus: made.status,
      ExportType: made.window ? ('INCREMENTAL_EXPORT' as const) : ('FULL_EXPORT' as const),
    })),
    ...(rows.length > page.length && { NextToken: page.at(-1)!.id }),
  };
};
