/** The completion report of a job: https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-examples-reports.html */

import { createHash } from 'node:crypto';
import { AwsError } from '../../../framework/aws-error.ts';
import type { Aws } from '../../../framework/clients.ts';
import type { Store } from '../../../store/store.ts';
import { jobTasks, type Job, type JobTask } from '../tables.ts';
import { bucketOfArn } from './checks.ts';
import { JobFailure } from './failure.ts';
import { csvLine, encodedKey } from './manifests/csv.ts';

/** Rows of one file of results: as many as are held in memory. */
const rowsPerFileMax = 50_000;
/** So says AWS's manifest, though the rows have the status before the code: whoever reads such reports expects both. */
const schema = 'Bucket, Key, VersionId, TaskStatus, ErrorCode, HTTPStatusCode, ResultMessage';

type Results = { TaskExecutionStatus: string; Bucket: string; MD5Checksum: string; Key: string };

/**
 * Writes the report as the job's role may, under names that follow from the job: written again after a crash it is the same. Throws JobFailure where
 * the role may not.
 */
export async function writeReport(aws: Aws, { store, now }: { store: Store; now: number }, job: Job): Promise<void> {
  const { report } = job;
  const Bucket = bucketOfArn('Report bucket', report.Bucket);
  const folder = `${report.Prefix ? `${report.Prefix.replace(/\/$/, '')}/` : ''}job-${job.id}`;
  const put = async (Key: string, Body: string): Promise<void> => {
    const owner = report.ExpectedBucketOwner;
    await aws.s3('PutObject', { Bucket, Key, Body: Buffer.from(Body), ...(owner && { ExpectedBucketOwner: owner }) });
  };
  try {
    const results: Results[] = [];
    const statuses = report.ReportScope === 'FailedTasksOnly' ? (['failed'] as const) : (['succeeded', 'failed'] as const);
    for (const status of statuses) {
      for await (const [number, text] of files(store, job, status)) {
        const Key = `${folder}/results/${createHash('sha1').update(`${job.id}/${status}/${number}`).digest('hex')}.csv`;
        await put(Key, text);
        results.push({ TaskExecutionStatus: status, Bucket, MD5Checksum: md5(text), Key });
      }
    }
    const ReportCreationDate = new Date(now).toISOString();
    const manifest = JSON.stringify({ Format: report.Format, ReportCreationDate, Results: results, ReportSchema: schema });
    await put(`${folder}/manifest.json`, manifest);
    await put(`${folder}/manifest.json.md5`, md5(manifest));
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new JobFailure('ReportWriteFailure', `The report could not be written into ${Bucket}: ${error.message}`, { cause: error });
  }
}

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

/** The rows of the tasks that ended so, in files. */
async function* files(
  store: Store,
  { account, region, id }: Job,
  status: 'succeeded' | 'failed',
): AsyncGenerator<[number: number, text: string], void> {
  let rows: string[] = [];
  let number = 0;
  for await (const task of jobTasks.each(store, [account, region, id])) {
    if (task.result?.status !== status) continue;
    rows.push(rowOf(task));
    if (rows.length < rowsPerFileMax) continue;
    yield [number++, rows.join('')];
    rows = [];
  }
  if (rows.length > 0) yield [number, rows.join('')];
}

function rowOf({ bucket, key, version = '', result }: JobTask): string {
  const { status, httpStatus, code, message } = result!;
  return csvLine([bucket, encodedKey(key), version, status, String(httpStatus), code, message]);
}
