/** Writes access logs: the lines of a bucket become an object in the bucket that its logs go to. */

import type { ServicePrincipal } from '../../../framework/principal.ts';
import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import { bucketArn, logWriterName } from '../buckets/bucket.ts';
import { configurationOf } from '../buckets/configurations.ts';
import { accessLogLines, buckets, type AccessLogLine, type Bucket, type Grant } from '../tables.ts';
import type { Logging } from './configuration.ts';

const everyMilliseconds = 5 * 60_000;
const linesMax = 1_000;
/** What could not be delivered for so long is given up. */
const ageMillisecondsMax = 24 * 3_600_000;

export const logWriter: Reconciler = {
  name: 's3/access-logs',
  every: everyMilliseconds,
  run: async (context) => {
    for (let bucket = await firstAfter(context, ''); bucket !== undefined; bucket = await firstAfter(context, bucket)) {
      context.signal.throwIfAborted();
      while (await writeSome(context, bucket));
    }
  },
};

/** The next bucket by name of which there are lines. */
async function firstAfter({ store }: ReconcilerContext, name: string): Promise<string | undefined> {
  const [next] = await store.read((tx) => accessLogLines.between(tx, [`${name}\0`], ['\u{10ffff}'], { limit: 1 }));
  return next?.row.bucket;
}

/** Writes one object of lines; false when there are none left, or when they cannot be delivered now. */
async function writeSome(context: ReconcilerContext, name: string): Promise<boolean> {
  const { bucket, rows } = await context.store.read(async (tx) => ({
    bucket: await buckets.get(tx, name),
    rows: (await accessLogLines.scan(tx, [name], { limit: linesMax })).map(({ row }) => row),
  }));
  if (rows.length === 0) return false;
  const logging = bucket && (await configurationOf<Logging>(context, bucket, 'logging'));
  if (bucket && logging && !(await delivered(context, bucket, logging, rows))) {
    const old = rows.filter(({ at }) => at < context.now - ageMillisecondsMax);
    await crossOut(context, old);
    return false;
  }
  await crossOut(context, rows);
  return rows.length === linesMax;
}

async function delivered(context: ReconcilerContext, bucket: Bucket, logging: Logging, rows: readonly AccessLogLine[]): Promise<boolean> {
  const principal: ServicePrincipal = {
    ...{ type: 'Service', account: bucket.account, arn: '', id: logWriterName, name: logWriterName },
    ...{ sourceArn: bucketArn(bucket.name), sourceAccount: bucket.account },
  };
  const aws = context.awsAs(principal, { account: bucket.account, region: bucket.region });
  try {
    await aws.s3('PutObject', {
      Bucket: logging.TargetBucket!,
      Key: keyOf(context, bucket, logging, rows[0]!.at),
      Body: `${rows.map(({ line }) => line).join('\n')}\n`,
      ContentType: 'text/plain',
      ...grantHeaders(logging),
    });
    return true;
  } catch (error) {
    context.log(`the access log of ${bucket.name} did not reach ${logging.TargetBucket}: ${(error as Error).message}`);
    return false;
  }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html#server-log-keyname-format */
function keyOf({ now, random }: ReconcilerContext, bucket: Bucket, logging: Logging, eventTime: number): string {
  const partition = logging.TargetObjectKeyFormat?.PartitionedPrefix;
  const time = new Date(now).toISOString();
  const name = `${time.slice(0, 19).replace(/[T:]/g, '-')}-${random.bytes(8).toString('hex').toUpperCase()}`;
  if (!partition) return `${logging.TargetPrefix}${name}`;
  const day = new Date(partition.PartitionDateSource === 'EventTime' ? eventTime : now).toISOString().slice(0, 10).replaceAll('-', '/');
  return `${logging.TargetPrefix}${bucket.account}/${bucket.region}/${bucket.name}/${day}/${name}`;
}

function grantHeaders(logging: Logging): Record<string, string> {
  const headers: Record<string, string> = {};
  const members: Partial<Record<Grant['permission'], string>> = {
    READ: 'GrantRead',
    WRITE: 'GrantWrite',
    FULL_CONTROL: 'GrantFullControl',
  };
  for (const { Grantee: grantee, Permission } of logging.TargetGrants ?? []) {
    const member = members[Permission as Grant['permission']];
    const named = grantee?.URI === undefined ? `id="${grantee?.ID}"` : `uri="${grantee.URI}"`;
    if (member !== undefined) headers[member] = headers[member] === undefined ? named : `${headers[member]},${named}`;
  }
  return headers;
}

async function crossOut({ store }: ReconcilerContext, rows: readonly AccessLogLine[]): Promise<void> {
  if (rows.length === 0) return;
  await store.write(async (tx) => {
    for (const { bucket, at, id } of rows) await accessLogLines.delete(tx, bucket, at, id);
  });
}
