/** Searching the streams of a group, in the order of time: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html */

import { invalidParameter } from '../errors.ts';
import { answerBytesMax, eventsMax } from '../limits.ts';
import { placeOf, requireGroup } from '../log-groups/log-group.ts';
import { checkLimit, cursorOf, tokenOf } from '../pagination.ts';
import type { Operation } from '../sdk.ts';
import { logEvents, type LogEvent } from '../tables.ts';
import { textOf } from './event.ts';
import { readPattern } from './pattern.ts';

const pageRows = 1_000;
/** So many events are looked at for one answer; what follows is behind its token. */
const searchedMax = 50_000;

export const FilterLogEvents: Operation<'FilterLogEvents'> = async (request, input) => {
  const place = placeOf(request, input);
  const limit = checkLimit(input.limit, eventsMax);
  const matches = readPattern(input.filterPattern ?? '');
  const { logStreamNames: names, logStreamNamePrefix: prefix, startTime = 0, endTime = Number.MAX_SAFE_INTEGER } = input;
  if (names && prefix !== undefined) throw invalidParameter('logStreamNamePrefix and logStreamNames cannot be specified together.');
  const wanted = names && new Set(names);
  const inStream = ({ stream }: LogEvent): boolean => (wanted?.has(stream) ?? true) && stream.startsWith(prefix ?? '');
  const group = await request.store.read((tx) => requireGroup(tx, place));
  const found: { row: LogEvent; message: string }[] = [];
  let from = cursorOf(input.nextToken);
  let bytes = 0;
  let last: { cursor: Uint8Array } | undefined;
  for (let searched = 0; searched < searchedMax; searched += pageRows) {
    const page = await request.store.read((tx) => logEvents.scanIndex(tx, 'time', [group.id], { limit: pageRows, ...from }));
    for (const { row, cursor } of page) {
      if (row.timestamp >= endTime) return answer(found);
      last = { cursor };
      if (row.timestamp < startTime || !inStream(row)) continue;
      const message = await textOf(request.blobs, row);
      if (!matches(message)) continue;
      found.push({ row, message });
      bytes += row.bytes;
      if (found.length === limit || bytes > answerBytesMax) return answer(found, last);
    }
    if (page.length < pageRows) return answer(found);
    from = { after: page.at(-1)!.cursor };
  }
  return answer(found, last);
};

function answer(found: readonly { row: LogEvent; message: string }[], last?: { cursor: Uint8Array }) {
  return {
    events: found.map(({ row, message }) => ({
      ...{ logStreamName: row.stream, timestamp: row.timestamp, message, ingestionTime: row.ingested },
      eventId: `${String(row.timestamp).padStart(15, '0')}${row.order}`,
    })),
    searchedLogStreams: [],
    ...(last && tokenOf([last])),
  };
}
