/** Where the records of a flow log go. */

import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { AwsError } from '../../../framework/aws-error.ts';
import type { Aws } from '../../../framework/clients.ts';
import type { ServicePrincipal } from '../../../framework/principal.ts';
import type { ReconcilerContext } from '../../../framework/reconciler.ts';
import { asServiceRole } from '../../../framework/service-role.ts';
import type { FlowLog, FlowLogDestination } from './flow-log.ts';
import { fieldsOf } from './format.ts';

export const flowLogService = 'vpc-flow-logs.amazonaws.com';
export const deliveryService = 'delivery.logs.amazonaws.com';

/** Records of one interface. */
export type Delivery = { networkInterface: string; lines: readonly string[] };
type To<Type extends FlowLogDestination['type']> = Extract<FlowLogDestination, { type: Type }>;

const compress = promisify(gzip);
const eventsPerCallMax = 1_000;
const firehoseRecordsMax = 500;

/** As AWS words it in `DeliverLogsErrorMessage`. */
export const accessError = 'Access error';

/** Undefined when everything is there; else what is to be told of it. Rejects when it is worth trying again. */
export async function deliver(
  context: ReconcilerContext,
  row: FlowLog,
  at: number,
  deliveries: readonly Delivery[],
): Promise<string | undefined> {
  const { destination } = row;
  try {
    switch (destination.type) {
      case 'cloud-watch-logs':
        return await toLogs(context, row, destination, at, deliveries);
      case 's3':
        return await toBucket(context, row, destination, at, deliveries);
      case 'kinesis-data-firehose':
        return await toStream(context, row, destination, deliveries);
    }
  } catch (error) {
    if (!(error instanceof AwsError) || (error.status ?? 400) >= 500) throw error;
    context.log(`the records of ${row.id} were refused: ${error.message}`);
    return error.code === 'ThrottlingException' ? 'Rate limited' : accessError;
  }
}

async function toLogs(
  context: ReconcilerContext,
  row: FlowLog,
  { group: logGroupName, role: roleArn }: To<'cloud-watch-logs'>,
  at: number,
  deliveries: readonly Delivery[],
): Promise<string | undefined> {
  const { account, region } = row;
  const aws = await asServiceRole(context, { roleArn, service: flowLogService, account, region, session: row.id });
  if (!aws) return accessError;
  for (const { networkInterface, lines } of deliveries) {
    const logStreamName = `${networkInterface}-${row.traffic.toLowerCase()}`;
    for (let from = 0; from < lines.length; from += eventsPerCallMax) {
      const logEvents = lines.slice(from, from + eventsPerCallMax).map((message) => ({ timestamp: at, message }));
      await putEvents(aws, { logGroupName, logStreamName, logEvents });
    }
  }
  return undefined;
}

type Events = { logGroupName: string; logStreamName: string; logEvents: { timestamp: number; message: string }[] };

/** The group and the stream are made when they are missing, as the role may. */
async function putEvents(aws: Aws, events: Events): Promise<void> {
  const { logGroupName, logStreamName } = events;
  try {
    await aws.cloudwatchLogs('PutLogEvents', events);
  } catch (error) {
    if (!isNamed(error, 'ResourceNotFoundException')) throw error;
    await unlessThere(aws.cloudwatchLogs('CreateLogStream', { logGroupName, logStreamName }), async () => {
      await unlessThere(aws.cloudwatchLogs('CreateLogGroup', { logGroupName }));
      await unlessThere(aws.cloudwatchLogs('CreateLogStream', { logGroupName, logStreamName }));
    });
    await aws.cloudwatchLogs('PutLogEvents', events);
  }
}

const isNamed = (error: unknown, code: string): boolean => error instanceof AwsError && error.code === code;

async function unlessThere(made: Promise<unknown>, otherwise?: () => Promise<void>): Promise<void> {
  try {
    await made;
  } catch (error) {
    if (isNamed(error, 'ResourceAlreadyExistsException')) return;
    if (!otherwise || !isNamed(error, 'ResourceNotFoundException')) throw error;
    await otherwise();
  }
}

/** The service that carries logs, in the name of the flow log's account. */
function carrier({ account, region }: FlowLog): ServicePrincipal {
  return {
    ...{ type: 'Service', account, arn: '', id: deliveryService, name: deliveryService },
    ...{ sourceArn: `arn:aws:logs:${region}:${account}:flow-logs`, sourceAccount: account },
  };
}

async function toBucket(
  context: ReconcilerContext,
  row: FlowLog,
  destination: To<'s3'>,
  at: number,
  deliveries: readonly Delivery[],
): Promise<undefined> {
  const header = fieldsOf(row.format).join(' ');
  const text = [header, ...deliveries.flatMap(({ lines }) => lines), ''].join('\n');
  await context.awsAs(carrier(row), row).s3('PutObject', {
    ...{ Bucket: destination.bucket, Key: keyOf(row, destination, at, context.random.bytes(4).toString('hex')) },
    ...{ Body: await compress(text), ContentType: 'application/octet-stream', ACL: 'bucket-owner-full-control' },
  });
}

/** https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-path.html */
function keyOf({ account, region, id }: FlowLog, { prefix, hive, perHour }: To<'s3'>, at: number, hash: string): string {
  const time = new Date(at).toISOString();
  const [year, month, day, hour] = [time.slice(0, 4), time.slice(5, 7), time.slice(8, 10), time.slice(11, 13)];
  const folders = hive
    ? [`aws-account-id=${account}`, 'aws-service=vpcflowlogs', `aws-region=${region}`, `year=${year}`, `month=${month}`, `day=${day}`]
    : [account, 'vpcflowlogs', region, year, month, day];
  const minute = `${time.slice(0, 16).replaceAll(/[-:]/g, '')}Z`;
  const name = `${account}_vpcflowlogs_${region}_${id}_${minute}_${hash}.log.gz`;
  return [`${prefix}AWSLogs`, ...folders, ...(perHour ? [hive ? `hour=${hour}` : hour] : []), name].join('/');
}

async function toStream(
  context: ReconcilerContext,
  row: FlowLog,
  { stream }: To<'kinesis-data-firehose'>,
  deliveries: readonly Delivery[],
): Promise<undefined> {
  const aws = context.awsAs(carrier(row), row);
  const records = deliveries.flatMap(({ lines }) => lines.map((message) => ({ Data: Buffer.from(JSON.stringify({ message })) })));
  const DeliveryStreamName = stream.slice(stream.lastIndexOf('/') + 1);
  for (let from = 0; from < records.length; from += firehoseRecordsMax)
    await aws.firehose('PutRecordBatch', { DeliveryStreamName, Records: records.slice(from, from + firehoseRecordsMax) });
}
