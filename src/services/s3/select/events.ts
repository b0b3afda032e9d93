/** The answer as a stream of events: https://docs.aws.amazon.com/AmazonS3/latest/API/RESTSelectObjectAppendix.html */

import type { Progress } from './object-bytes.ts';
import type { Query, Result } from './query.ts';

type Details = { Details: { BytesScanned: number; BytesProcessed: number; BytesReturned: number } };
type Event = { Records: { Payload: Buffer } } | { Progress: Details } | { Stats: Details } | { Cont: object } | { End: object };
export type Events = AsyncGenerator<Event>;

type Selection<Row> = {
  rows: AsyncIterable<readonly Row[]>;
  query: Query<Row>;
  write: (result: Result) => string;
  progress: Progress;
  tellProgress: boolean;
  /** Called once, whether the stream came to its end or its reader went away. */
  done: () => void;
};

const recordsBytes = 128 * 1024;
/** Who hears nothing for so many bytes may think that nobody is there. */
const silentBytesMax = 16 * 1024 * 1024;

/** What goes wrong on the way ends the stream with an error, after the records that were found before it. */
export async function* selectEvents<Row>({ rows, query, write, progress, tellProgress, done }: Selection<Row>): Events {
  let text = '';
  let toldAt = 0;
  function* flush(): Generator<Event> {
    const bytes = Buffer.from(text);
    text = '';
    for (let at = 0; at < bytes.length; at += recordsBytes) {
      const Payload = bytes.subarray(at, at + recordsBytes);
      progress.returned += Payload.length;
      toldAt = progress.processed;
      yield { Records: { Payload } };
    }
  }
  try {
    if (!query.isOver())
      for await (const batch of rows) {
        for (const row of batch) {
          const result = query.take(row);
          if (result) text += write(result);
          if (query.isOver()) break;
        }
        if (text.length >= recordsBytes) yield* flush();
        if (query.isOver()) break;
        if (progress.processed - toldAt < silentBytesMax) continue;
        toldAt = progress.processed;
        yield tellProgress ? { Progress: detailsOf(progress) } : { Cont: {} };
      }
    const last = query.finish();
    if (last) text += write(last);
    yield* flush();
    if (tellProgress) yield { Progress: detailsOf(progress) };
    yield { Stats: detailsOf(progress) };
    yield { End: {} };
  } catch (error) {
    yield* flush();
    throw error;
  } finally {
    done();
  }
}

function detailsOf({ scanned, processed, returned }: Progress): Details {
  return { Details: { BytesScanned: scanned, BytesProcessed: processed, BytesReturned: returned } };
}
