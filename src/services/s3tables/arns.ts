/** The names of table buckets and tables. Pure. */

import { createHash } from 'node:crypto';
import { parseArn } from '../../framework/arn.ts';
import { badRequest } from './errors.ts';

export type TableBucketName = { account: string; region: string; name: string };

const bucketForm = /^bucket\/([0-9a-z-]{3,63})(?:\/table\/([\w-]{1,255}))?$/;

/** Throws BadRequestException for what is no ARN of a table bucket. */
export function tableBucketOf(arn: string): TableBucketName {
  const { bucket, table } = parsed(arn);
  if (table !== undefined) throw badRequest('The specified table bucket ARN is not valid.');
  return bucket;
}

/** The bucket and the id that a table's ARN names. */
export function tableOf(arn: string): { bucket: TableBucketName; id: string } {
  const { bucket, table } = parsed(arn);
  if (table === undefined) throw badRequest('The specified table ARN is not valid.');
  return { bucket, id: table };
}

function parsed(arn: string): { bucket: TableBucketName; table: string | undefined } {
  const parts = parseArn(arn);
  const form = bucketForm.exec(parts?.resource ?? '');
  if (parts?.service !== 's3tables' || !form || !/^\d{12}$/.test(parts.account)) throw badRequest('The specified ARN is not valid.');
  return { bucket: { account: parts.account, region: parts.region, name: form[1]! }, table: form[2] };
}

/** Changes with each writing of the table. */
export function versionTokenOf({ id, commits }: { id: string; commits: number }): string {
  return createHash('sha256').update(`${id} ${commits}`).digest('hex').slice(0, 20);
}
