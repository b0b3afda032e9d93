/** Imports as they are recorded: a new table is filled from the objects under a prefix, one after another. */

import type {
  ImportTableDescription,
  InputCompressionType,
  InputFormat,
  InputFormatOptions,
  S3BucketSource,
  TableCreationParameters,
} from '@aws-sdk/client-dynamodb';
import { arn } from '../../../framework/arn.ts';
import type { Principal } from '../../../framework/principal.ts';
import { tableArn } from '../tables/table.ts';
import type { Transfer } from '../transfers.ts';

export type Import = Transfer & {
  account: string;
  region: string;
  tableName: string;
  tableId: string;
  /** Who asked, and as whom the bucket is read. */
  caller: Principal;
  source: { S3Bucket: string; S3BucketOwner?: string; S3KeyPrefix?: string };
  format: InputFormat;
  options?: InputFormatOptions;
  compression: InputCompressionType;
  parameters: TableCreationParameters;
  /** The last object that is done. */
  after?: string;
  /** How many entries of the object behind it are done. */
  entries: number;
  processed: number;
  imported: number;
  errors: number;
  /** Of the text, unpacked. */
  bytes: number;
};

export const importArn = ({ account, region, id, tableName }: Import): string =>
  arn('dynamodb', region, account, `table/${tableName}/import/${id}`);

const sourceOf = ({ source }: Import): S3BucketSource => ({ ...source });

export function describeImport(made: Import): ImportTableDescription {
  const { account, region, tableName, failure, ended } = made;
  return {
    ImportArn: importArn(made),
    ImportStatus: made.status,
    TableArn: tableArn({ account, region, name: tableName }),
    TableId: made.tableId,
    ClientToken: made.token,
    S3BucketSource: sourceOf(made),
    ErrorCount: made.errors,
    InputFormat: made.format,
    ...(made.options && { InputFormatOptions: made.options }),
    InputCompressionType: made.compression,
    TableCreationParameters: made.parameters,
    StartTime: new Date(made.started),
    ...(ended !== undefined && { EndTime: new Date(ended) }),
    ProcessedSizeBytes: made.bytes,
    ProcessedItemCount: made.processed,
    ImportedItemCount: made.imported,
    ...(failure && { FailureCode: failure.code, FailureMessage: failure.message }),
  };
}

export const summarise = (made: Import) => ({
  ImportArn: importArn(made),
  ImportStatus: made.status,
  TableArn: tableArn({ account: made.account, region: made.region, name: made.tableName }),
  S3BucketSource: sourceOf(made),
  InputFormat: made.format,
  StartTime: new Date(made.started),
  ...(made.ended !== undefined && { EndTime: new Date(made.ended) }),
});
