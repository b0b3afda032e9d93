/** Reading one log stream, forwards or backwards: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html */

import type { ReadTransaction } from '../../../store/store.ts';
import { invalidParameter } from '../errors.ts';
import { answerBytesMax, eventsMax } from '../limits.ts';
import { placeOf, requireGroup } from '../log-groups/log-group.ts';
import { requireStream } from '../log-streams/operations.ts';
import { checkLimit } from '../pagination.ts';
import type { Operation } from '../sdk.ts';
import { logEvents, type LogEvent } from '../tables.ts';
import { textOf } from './event.ts';

/** A place between two events: what comes before it has a smaller timestamp, or the same and a smaller order. */
type Position = { timestamp: number; order: string };

export const GetLogEvents: Operation<'GetLogEvents'> = async (request, input) => {
  const place = placeOf(request, input);
  const limit = checkLimit(input.limit, eventsMax);
  const start = input.startTime ?? 0;
  const end = input.endTime ?? Number.MAX_SAFE_INTEGER;
  const token = input.nextToken === undefined ? undefined : readToken(input.nextToken);
  const forwards = token ? token.direction === 'f' : (input.startFromHead ?? false);
  const rows = await request.store.read(async (tx) => {
    const group = await requireGroup(tx, place);
    await requireStream(tx, group, input.logStreamName);
    const from = forwards && token ? token.at : { timestamp: start, order: '' };
    const to = !forwards && token ? token.at : { timestamp: end, order: '' };
    return page(tx, [group.id, input.logStreamName], { from, to, forwards, limit });
  });
  const messages = await Promise.all(rows.map((row) => textOf(request.blobs, row)));
  const edge = token?.at ?? { timestamp: start, order: '' };
  return {
    events: rows.map((row, i) => ({ timestamp: row.timestamp, message: messages[i]!, ingestionTime: row.ingested })),
    // After the last one: its order with a sign that sorts behind every digit's end.
    nextForwardToken: writeToken('f', rows.length > 0 ? { timestamp: rows.at(-1)!.timestamp, order: `${rows.at(-1)!.order}~` } : edge),
    nextBackwardToken: writeToken('b', rows.length > 0 ? { timestamp: rows[0]!.timestamp, order: rows[0]!.order } : edge),
  };
};

async function page(
  tx: ReadTransaction,
  [group, stream]: readonly [string, string],
  { from, to, forwards, limit }: { from: Position; to: Position; forwards: boolean; limit: number },
): Promise<LogEvent[]> {
  const found = await logEvents.between(tx, [group, stream, from.timestamp, from.order], [group, stream, to.timestamp, to.order], {
    limit,
    reverse: !forwards,
  });
  const rows: LogEvent[] = [];
  let bytes = 0;
  for (const { row } of found) {
    bytes += row.bytes;
    if (bytes > answerBytesMax && rows.length > 0) break;
    rows.push(row);
  }
  return forwards ? rows : rows.toReversed();
}

const writeToken = (direction: 'f' | 'b', { timestamp, order }: Position): string => `${direction}/${timestamp}.${order}`;

function readToken(text: string): { direction: 'f' | 'b'; at: Position } {
  const parts = /^([fb])\/(\d{1,16})\.([\d~]{0,40})$/.exec(text);
  if (!parts || !Number.isSafeInteger(Number(parts[2]))) throw invalidParameter('The specified nextToken is invalid.');
  return { direction: parts[1] as 'f' | 'b', at: { timestamp: Number(parts[2]), order: parts[3]! } };
}
