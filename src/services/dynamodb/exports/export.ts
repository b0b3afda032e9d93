/**
 * Exports as they are recorded. A full export copies the table into a space of its own and undoes what is newer than its moment, as a restored
 * table is made; an incremental one gathers in that space what the history tells of each item. Then the space is written out, a file at a time.
 */

import type { ExportDescription, ExportFormat, ExportViewType, S3SseAlgorithm } from '@aws-sdk/client-dynamodb';
import { arn } from '../../../framework/arn.ts';
import type { Principal } from '../../../framework/principal.ts';
import { tableArn, type TableRecord } from '../tables/table.ts';
import type { Transfer } from '../transfers.ts';

/** Where an incremental export begins and ends, milliseconds since the epoch; the end is not in it. */
export type ExportWindow = { from: number; to: number; view: ExportViewType };

/** What is to be done next, and how far it has come: `at` is a number of the history, `cursor` the last key that is done, in base64. */
export type ExportStep =
  | { name: 'copy'; cursor?: string }
  | { name: 'undo'; at: number }
  | { name: 'collect'; at: number }
  | { name: 'resolve'; at: number; cursor?: string }
  | { name: 'write'; cursor?: string };

export type Export = Transfer & {
  account: string;
  region: string;
  /** The table as it was. */
  table: TableRecord;
  /** Where its rows are made. */
  space: string;
  /** Who asked, and as whom the bucket is written. */
  caller: Principal;
  format: ExportFormat;
  /** The moment of a full export. */
  time: number;
  window?: ExportWindow;
  bucket: string;
  bucketOwner?: string;
  prefix?: string;
  algorithm?: S3SseAlgorithm;
  kmsKey?: string;
  step: ExportStep;
  files: number;
  items: number;
  bytes: number;
};

/** A file that lies in the bucket already. */
export type ExportFile = {
  account: string;
  region: string;
  export: string;
  number: number;
  itemCount: number;
  md5Checksum: string;
  etag: string;
  dataFileS3Key: string;
};

export const exportArn = ({ account, region, id, table }: Export): string =>
  arn('dynamodb', region, account, `table/${table.name}/export/${id}`);

const folderOf = ({ prefix }: Export): string =>
  `${prefix === undefined || prefix === '' ? '' : `${prefix.replace(/\/$/, '')}/`}AWSDynamoDB/`;

/** The key of an object beside the data: `_started`, the manifests and their digests. */
export const besideKey = (made: Export, name: string): string => `${folderOf(made)}${made.id}/${name}`;

/** Data of incremental exports lies in one folder for all of them: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html */
export const dataKey = (made: Export, name: string): string =>
  `${folderOf(made)}${made.window ? '' : `${made.id}/`}data/${name}.${made.format === 'ION' ? 'ion' : 'json'}.gz`;

export const historyOf = ({ account, region, table }: Export) => ({ account, region, space: table.recovery!.space });

export function describeExport(made: Export): ExportDescription {
  const { status, window, failure, ended } = made;
  return {
    ExportArn: exportArn(made),
    ExportStatus: status,
    StartTime: new Date(made.started),
    ...(ended !== undefined && { EndTime: new Date(ended) }),
    ...(status === 'COMPLETED' && {
      ExportManifest: besideKey(made, 'manifest-summary.json'),
      BilledSizeBytes: made.bytes,
      ItemCount: made.items,
    }),
    TableArn: tableArn(made.table),
    TableId: made.table.id,
    ...(!window && { ExportTime: new Date(made.time) }),
    ClientToken: made.token,
    S3Bucket: made.bucket,
    ...(made.bucketOwner !== undefined && { S3BucketOwner: made.bucketOwner }),
    ...(made.prefix !== undefined && { S3Prefix: made.prefix }),
    S3SseAlgorithm: made.algorithm ?? 'AES256',
    ...(made.kmsKey !== undefined && { S3SseKmsKeyId: made.kmsKey }),
    ...(failure && { FailureCode: failure.code, FailureMessage: failure.message }),
    ExportFormat: made.format,
    ExportType: window ? 'INCREMENTAL_EXPORT' : 'FULL_EXPORT',
    ...(window && {
      IncrementalExportSpecification: {
        ExportFromTime: new Date(window.from),
        ExportToTime: new Date(window.to),
        ExportViewType: window.view,
      },
    }),
  };
}
