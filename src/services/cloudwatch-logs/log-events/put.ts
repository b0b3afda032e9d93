/** Taking in log events, in one transaction: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html */

import { notImplemented } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { Staged } from '../../../store/blob-store.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { invalidParameter } from '../errors.ts';
import * as limits from '../limits.ts';
import { placeOf, requireGroup, type Place } from '../log-groups/log-group.ts';
import { checkStreamName, requireStream } from '../log-streams/operations.ts';
import type { Input, Operation } from '../sdk.ts';
import { groupSizes, logEvents, logStreams, type LogEvent } from '../tables.ts';

type Draft = { event: Omit<LogEvent, 'group'>; staged?: Staged };
type Rejected = { tooNewLogEventStartIndex?: number; tooOldLogEventEndIndex?: number; expiredLogEventEndIndex?: number };

export const PutLogEvents: Operation<'PutLogEvents'> = async (request, input) => {
  if (input.entity !== undefined) throw notImplemented('logs:PutLogEvents with entity');
  const place = placeOf(request, input);
  const stream = checkStreamName(input.logStreamName);
  const events = checkBatch(input.logEvents);
  const group = await request.store.read(async (tx) => {
    const found = await requireGroup(tx, place);
    await requireStream(tx, found, stream);
    return found;
  });
  const { kept, rejected } = sift(events, request.now, group.retentionDays);
  const drafts = await Promise.all(kept.map(({ timestamp, message, index }) => draft(request, stream, timestamp, message, index)));
  let stored = false;
  try {
    if (drafts.length > 0) await request.store.write((tx) => store(tx, request, place, stream, drafts));
    stored = true;
  } finally {
    if (!stored) for (const { staged } of drafts) if (staged) await request.blobs.discard(staged);
  }
  const bytes = drafts.reduce((sum, { event }) => sum + event.bytes, 0);
  request.use({ usageType: 'DataProcessing-Bytes', quantity: bytes, unit: 'Bytes' });
  return { nextSequenceToken: '1', ...(Object.keys(rejected).length > 0 && { rejectedLogEventsInfo: rejected }) };
};

type Given = { timestamp: number; message: string; index: number };

function checkBatch(given: Input<'PutLogEvents'>['logEvents']): Given[] {
  const events = (given ?? []).map(({ timestamp, message }, index) => ({ timestamp: timestamp!, message: message!, index }));
  if (events.length < 1 || events.length > limits.batchEventsMax)
    throw invalidParameter(`1 validation error detected: Value at 'logEvents' must have between 1 and ${limits.batchEventsMax} members`);
  let bytes = 0;
  for (const [i, { timestamp, message }] of events.entries()) {
    if (message === '') throw invalidParameter('Log event message must not be empty.');
    bytes += Buffer.byteLength(message) + limits.eventOverheadBytes;
    if (i > 0 && timestamp < events[i - 1]!.timestamp)
      throw invalidParameter('Log events in a single PutLogEvents request must be in chronological order.');
  }
  if (bytes > limits.batchBytesMax) throw invalidParameter(`Upload too large: ${bytes} bytes exceeds limit of ${limits.batchBytesMax}`);
  if (events.at(-1)!.timestamp - events[0]!.timestamp > limits.batchSpanMilliseconds)
    throw invalidParameter('The batch of log events in a single PutLogEvents request cannot span more than 24 hours.');
  return events;
}

/** Events that are too new, too old, or that the group would forget at once, are left out and told of. */
function sift(events: readonly Given[], now: number, retention: number | undefined): { kept: Given[]; rejected: Rejected } {
  const oldest = now - limits.pastMilliseconds;
  const expiry = retention === undefined ? -Infinity : now - retention * 86_400_000;
  const tooOld = events.findLastIndex(({ timestamp }) => timestamp < oldest);
  const expired = events.findLastIndex(({ timestamp }) => timestamp < expiry);
  const tooNew = events.findIndex(({ timestamp }) => timestamp > now + limits.futureMilliseconds);
  const kept = events.slice(Math.max(tooOld, expired) + 1, tooNew < 0 ? undefined : tooNew);
  return {
    kept,
    rejected: {
      ...(tooNew >= 0 && { tooNewLogEventStartIndex: tooNew }),
      ...(tooOld >= 0 && { tooOldLogEventEndIndex: tooOld + 1 }),
      ...(expired >= 0 && { expiredLogEventEndIndex: expired + 1 }),
    },
  };
}

async function draft(request: ServiceRequest, stream: string, timestamp: number, message: string, index: number): Promise<Draft> {
  const staged = message.length > limits.inlineCharactersMax ? await request.blobs.stage(Buffer.from(message)) : undefined;
  const event: Draft['event'] = {
    ...{ stream, timestamp, ingested: request.now, bytes: Buffer.byteLength(message) + limits.eventOverheadBytes },
    order: `${String(request.now).padStart(15, '0')}${String(index).padStart(5, '0')}${request.random.text(12, '0123456789')}`,
    message: staged ? { blob: staged.ref } : { text: message },
  };
  return { event, ...(staged && { staged }) };
}

async function store(
  tx: WriteTransaction,
  { blobs, now }: ServiceRequest,
  place: Place,
  name: string,
  drafts: readonly Draft[],
): Promise<void> {
  const group = await requireGroup(tx, place);
  const stream = await requireStream(tx, group, name);
  let bytes = (await groupSizes.get(tx, group.id))?.bytes ?? 0;
  for (const { event, staged } of drafts) {
    if (staged) await blobs.adopt(tx, staged);
    await logEvents.put(tx, { ...event, group: group.id });
    bytes += event.bytes;
  }
  await groupSizes.put(tx, { group: group.id, bytes });
  const [first, last] = [drafts[0]!.event.timestamp, drafts.at(-1)!.event.timestamp];
  await logStreams.put(tx, {
    ...stream,
    first: Math.min(stream.first ?? first, first),
    last: Math.max(stream.last ?? last, last),
    lastIngestion: now,
  });
}
