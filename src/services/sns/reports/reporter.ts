/** The reconciler of notes: writes what deliveries became, and what audits found, where customers want to read it. */

import { AwsError } from '../../../framework/aws-error.ts';
import type { Aws } from '../../../framework/clients.ts';
import type { ServicePrincipal } from '../../../framework/principal.ts';
import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import { asServiceRole } from '../../../framework/service-role.ts';
import { notes, type Note } from '../tables.ts';

const pageRows = 50;
const againMilliseconds = 10_000;
/** Who writes down what audits find. */
const auditor = 'delivery.logs.amazonaws.com';

export const reporter: Reconciler = {
  name: 'sns/reports',
  watches: [notes],
  run: async (context) => {
    for (;;) {
      context.signal.throwIfAborted();
      const page = await context.store.read((tx) => notes.scan(tx, [], { limit: pageRows }));
      // One after the other: the first of a group makes the group.
      for (const { row } of page) if (!(await report(context, row))) return { nextAt: context.now + againMilliseconds };
      if (page.length < pageRows) return {};
    }
  },
};

/** False when it is worth trying again; what a destination refuses is given up. */
async function report(context: ReconcilerContext, note: Note): Promise<boolean> {
  try {
    const aws = await writer(context, note);
    if (aws) await write(aws, note);
    else context.log(`the role ${note.role} cannot be assumed to report on ${note.topic}`);
  } catch (error) {
    if (!(error instanceof AwsError) || (error.status ?? 400) >= 500) return false;
    context.log(`a report on ${note.topic} was refused: ${error.message}`);
  }
  await context.store.write((tx) => notes.delete(tx, note.at, note.id));
  return true;
}

async function writer(context: ReconcilerContext, { role, account, region, topic }: Note): Promise<Aws | undefined> {
  if (role !== undefined)
    return asServiceRole(context, { roleArn: role, service: 'sns.amazonaws.com', account, region, session: `sns-${topic}` });
  const principal: ServicePrincipal = { type: 'Service', account, arn: '', id: auditor, name: auditor, sourceAccount: account };
  return context.awsAs(principal, { account, region });
}

async function write(aws: Aws, note: Note): Promise<void> {
  const { logGroup, deliveryStream, bucket } = note.destination;
  const day = new Date(note.at).toISOString().slice(0, 10).replaceAll('-', '/');
  if (logGroup !== undefined) await toLogs(aws, logGroup, `${day.replaceAll('/', '-')}-${note.topic.replaceAll(/[:*]/g, '_')}`, note);
  if (deliveryStream !== undefined)
    await aws.firehose('PutRecord', { DeliveryStreamName: deliveryStream, Record: { Data: Buffer.from(`${note.text}\n`) } });
  if (bucket !== undefined) {
    const Key = `AWSLogs/${note.account}/SNS/${note.region}/${note.topic}/${day}/${note.id}.json`;
    await aws.s3('PutObject', { Bucket: bucket, Key, Body: Buffer.from(`${note.text}\n`) });
  }
}

async function toLogs(aws: Aws, logGroupName: string, logStreamName: string, { at, text }: Note): Promise<void> {
  const put = () => aws.cloudwatchLogs('PutLogEvents', { logGroupName, logStreamName, logEvents: [{ timestamp: at, message: text }] });
  try {
    await put();
  } catch (error) {
    if (!isNamed(error, 'ResourceNotFoundException')) throw error;
    await unlessThere(aws.cloudwatchLogs('CreateLogGroup', { logGroupName }));
    await unlessThere(aws.cloudwatchLogs('CreateLogStream', { logGroupName, logStreamName }));
    await put();
  }
}

const isNamed = (error: unknown, code: string): boolean => error instanceof AwsError && error.code === code;

async function unlessThere(made: Promise<unknown>): Promise<void> {
  try {
    await made;
  } catch (error) {
    if (!isNamed(error, 'ResourceAlreadyExistsException')) throw error;
  }
}
