/**
 * Bulk operations as they are recorded: items of objects in S3 are put into a table that is there already, each under a condition of its
 * own where it has one. What could not be written is noted, and told in objects of S3 at the end.
 */

import type {
  BulkOperationDescription,
  BulkOperationPerformanceTier,
  BulkOperationStatus,
  BulkOperationUsage,
  InputS3Configuration,
  OutputS3Configuration,
  OutputTypeEnum,
} from '@aws-sdk/client-dynamodb';
import { arn, parseArn } from '../../../framework/arn.ts';
import type { Principal } from '../../../framework/principal.ts';
import { resourceNotFound, validationException } from '../errors.ts';
import type { Transfer } from '../transfers.ts';

/** For so long what MaxWriteRequestUnits allows is counted. */
export const secondMilliseconds = 1_000;

/** What is to be done next: of reports `file` is the number of the next one, `cursor` the last row that is told, in base64. */
export type BulkStep =
  | { name: 'measure' }
  | { name: 'put' }
  | { name: 'report'; type: OutputTypeEnum; file: number; cursor?: string }
  | { name: 'manifest' };

/** Bytes of what was written, of indexes by their names. */
export type BulkBytes = { table: number; local: Record<string, number>; global: Record<string, number>; vector: Record<string, number> };

/** A file of a report that lies in the bucket. */
export type ReportFile = { type: OutputTypeEnum; key: string; items: number };

export type BulkOperation = Omit<Transfer, 'status'> & {
  status: BulkOperationStatus;
  tableName: string;
  tableId: string;
  /** Who asked, and as whom the buckets are read and written. */
  caller: Principal;
  input: InputS3Configuration;
  output: OutputS3Configuration;
  tier: BulkOperationPerformanceTier;
  /** Units a second. */
  unitsMax?: number;
  /** The second that is being written in, and the units that it took. */
  second?: { began: number; units: number };
  /** Names the rows of its reports in storage. */
  space: string;
  step: BulkStep;
  /** The last object that is done with. */
  after?: string;
  /** How many entries of the object behind it are done. */
  entries: number;
  totalBytes?: number;
  readBytes: number;
  processed: number;
  failed: number;
  unmet: number;
  written: BulkBytes;
  files: ReportFile[];
};

export const isRunning = ({ status }: BulkOperation): boolean => status === 'IN_PROGRESS' || status === 'CANCELLING';

export const bulkArn = ({ account, region, tableName, id }: BulkOperation): string =>
  arn('dynamodb', region, account, `table/${tableName}/bulk-operation/${id}`);

/** The place and the id that an ARN names. Throws ValidationException; ResourceNotFoundException for another region's. */
export function bulkOfArn(given: string, here: string): { account: string; region: string; id: string } {
  const parsed = parseArn(given);
  const [, id] = /^table\/[^/]+\/bulk-operation\/([^/]+)$/.exec(parsed?.service === 'dynamodb' ? parsed.resource : '') ?? [];
  if (!parsed || id === undefined) throw validationException(`Invalid BulkOperationArn: ${given}`);
  if (parsed.region !== here) throw noOperation(given);
  return { account: parsed.account, region: parsed.region, id };
}

export const noOperation = (given: string): Error => resourceNotFound(`Requested resource not found: Bulk operation: ${given} not found`);

export function describeBulk(made: BulkOperation): BulkOperationDescription {
  const { failure, ended, totalBytes, unitsMax } = made;
  return {
    BulkOperationArn: bulkArn(made),
    BulkOperationStatus: made.status,
    TableDetails: [{ TableName: made.tableName, TableId: made.tableId }],
    ClientToken: made.token,
    InputS3Configuration: made.input,
    OutputS3Configuration: made.output,
    StartTime: new Date(made.started),
    ...(ended !== undefined && { EndTime: new Date(ended) }),
    ProcessedItemCount: made.processed,
    ProcessedInputBytes: made.readBytes,
    ...(totalBytes !== undefined && { TotalInputBytes: totalBytes }),
    BulkOperationUsage: [usageOf(made)],
    FailedItemCount: made.failed,
    ...(failure && { FailureCode: failure.code, FailureMessage: failure.message }),
    ...(unitsMax !== undefined && { MaxWriteRequestUnits: unitsMax }),
    PerformanceTier: made.tier,
  };
}

function usageOf({ tableName, written: { table, local, global, vector } }: BulkOperation): BulkOperationUsage {
  const told = <T>(bytes: Record<string, number>, of: (count: number) => T): Record<string, T> =>
    Object.fromEntries(Object.entries(bytes).map(([name, count]) => [name, of(count)]));
  const put = (count: number) => ({ BulkPutBytes: count });
  const sum = [table, ...Object.values(local), ...Object.values(global)].reduce((total, count) => total + count, 0);
  return {
    TableName: tableName,
    BulkPutBytes: sum,
    Table: put(table),
    ...(Object.keys(local).length > 0 && { LocalSecondaryIndexes: told(local, put) }),
    ...(Object.keys(global).length > 0 && { GlobalSecondaryIndexes: told(global, put) }),
    ...(Object.keys(vector).length > 0 && { VectorIndexes: told(vector, (count) => ({ BulkPutVectorBytes: count })) }),
  };
}
