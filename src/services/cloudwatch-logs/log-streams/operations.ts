/** Log streams: create, describe, delete. */

import type { ReadTransaction } from '../../../store/store.ts';
import type { Page } from '../../../store/table.ts';
import { constraint, invalidParameter, noStream, streamExists } from '../errors.ts';
import { listedMax } from '../limits.ts';
import { groupArn, placeOf, requireGroup } from '../log-groups/log-group.ts';
import { checkLimit, wantedRows } from '../pagination.ts';
import type { Operation } from '../sdk.ts';
import { deleted, logStreams, type LogGroup, type LogStream } from '../tables.ts';

/** Throws InvalidParameterException unless the text may name a stream. */
export function checkStreamName(name: string): string {
  if (!/^[^:*]{1,512}$/.test(name)) throw constraint('logStreamName', name, 'Member must satisfy regular expression pattern: [^:*]*');
  return name;
}

/** Throws ResourceNotFoundException. */
export async function requireStream(tx: ReadTransaction, group: LogGroup, name: string): Promise<LogStream> {
  const stream = await logStreams.get(tx, group.id, name);
  if (!stream) throw noStream();
  return stream;
}

export const CreateLogStream: Operation<'CreateLogStream'> = async (request, input) => {
  const place = placeOf(request, input);
  const name = checkStreamName(input.logStreamName);
  await request.store.write(async (tx) => {
    const group = await requireGroup(tx, place);
    if (await logStreams.get(tx, group.id, name)) throw streamExists();
    // Events of a stream of the same name that was deleted a moment ago may still lie there.
    if (await deleted.get(tx, group.id, name)) throw invalidParameter('The log stream is being deleted.');
    await logStreams.put(tx, { group: group.id, name, created: request.now });
  });
  return {};
};

export const DeleteLogStream: Operation<'DeleteLogStream'> = async (request, input) => {
  const place = placeOf(request, input);
  await request.store.write(async (tx) => {
    const group = await requireGroup(tx, place);
    await requireStream(tx, group, input.logStreamName);
    await logStreams.delete(tx, group.id, input.logStreamName);
    await deleted.put(tx, { group: group.id, stream: input.logStreamName });
  });
  return {};
};

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html */
export const DescribeLogStreams: Operation<'DescribeLogStreams'> = async (request, input) => {
  const { logStreamNamePrefix: prefix, descending: reverse = false, orderBy } = input;
  const byTime = orderBy === 'LastEventTime';
  if (byTime && prefix !== undefined) throw invalidParameter('Cannot order by LastEventTime with a logStreamNamePrefix.');
  const limit = checkLimit(input.limit, listedMax);
  const place = placeOf(request, input);
  return request.store.read(async (tx) => {
    const group = await requireGroup(tx, place);
    const scan = (page: Page) =>
      byTime ? logStreams.scanIndex(tx, 'last', [group.id], { ...page, reverse }) : logStreams.scan(tx, [group.id], { ...page, reverse });
    const { rows, ...next } = await wantedRows(scan, ({ name }) => name.startsWith(prefix ?? ''), limit, input.nextToken);
    return { logStreams: rows.map((row) => describe(group, row)), ...next };
  });
};

const describe = (group: LogGroup, { name, created, first, last, lastIngestion }: LogStream) => ({
  logStreamName: name,
  creationTime: created,
  ...(first !== undefined && { firstEventTimestamp: first }),
  ...(last !== undefined && { lastEventTimestamp: last }),
  ...(lastIngestion !== undefined && { lastIngestionTime: lastIngestion }),
  arn: `${groupArn(group)}:log-stream:${name}`,
  storedBytes: 0,
});
