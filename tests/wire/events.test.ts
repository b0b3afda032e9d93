/** Streams of events: what the server sends is what SDK clients show; what clients send is read; what is broken is refused. */

import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import { AwsError } from '../../src/framework/aws-error.ts';
import { decodeFrame, decodeFrames, encodeFrame } from '../../src/protocols/event-frame.ts';
import { readEvents } from '../../src/protocols/event-reader.ts';
import type { Member, OperationModel } from '../../src/protocols/model.ts';
import { loadModel } from '../../src/protocols/models.ts';
import { formatOutput } from '../../src/protocols/reply.ts';
import { comparable } from './comparable.ts';
import { drivenClient } from './sdk-client.ts';

type Events = Record<string, unknown>[];

async function* stream(events: Events, end?: Error): AsyncGenerator<Record<string, unknown>> {
  yield* events;
  if (end !== undefined) throw end;
}

function operationOf(service: string, name: string): OperationModel {
  return loadModel(service).operations.get(name) as OperationModel;
}

/** What the real client shows of the events that the server sends. */
async function shown(service: string, name: string, input: object, output: Record<string, unknown>): Promise<Record<string, unknown>[]> {
  const operation = operationOf(service, name);
  const model = loadModel(service);
  const protocol = model.protocols[0] as (typeof model.protocols)[number];
  const got = (await drivenClient(service, undefined).send(name, input, async () =>
    formatOutput(model, protocol, operation, output, { requestId: 'r' }),
  )) as Record<string, AsyncIterable<unknown>>;
  const events: Record<string, unknown>[] = [];
  for await (const event of got[(operation.streamingOutput as Member).name] as AsyncIterable<unknown>)
    events.push((await comparable(event)) as Record<string, unknown>);
  return events;
}

describe('events from the server', () => {
  test('lambda: chunks of bytes, and the completion', async () => {
    const events = [{ PayloadChunk: { Payload: Buffer.from('abc') } }, { InvokeComplete: { ErrorCode: 'x' } }];
    assert.deepEqual(
      await shown('lambda', 'InvokeWithResponseStream', { FunctionName: 'f' }, { StatusCode: 200, EventStream: stream(events) }),
      await comparable(events),
    );
  });

  test('s3: records, statistics in XML, and an empty end', async () => {
    const events = [{ Records: { Payload: Buffer.from('1,2') } }, { Stats: { Details: { BytesScanned: 5 } } }, { End: {} }];
    const input = { Bucket: 'b', Key: 'k', Expression: 'x', ExpressionType: 'SQL', InputSerialization: {}, OutputSerialization: {} };
    assert.deepEqual(await shown('s3', 'SelectObjectContent', input, { Payload: stream(events) }), await comparable(events));
  });

  test('kinesis: an initial response comes first, then records', async () => {
    const record = {
      Records: [{ Data: Buffer.from('d'), PartitionKey: 'p', SequenceNumber: '1' }],
      ContinuationSequenceNumber: '1',
      MillisBehindLatest: 0,
    };
    const events = [{ SubscribeToShardEvent: record }];
    const input = { ConsumerARN: 'a', ShardId: 's', StartingPosition: { Type: 'LATEST' } };
    assert.deepEqual(await shown('kinesis', 'SubscribeToShard', input, { EventStream: stream(events) }), await comparable(events));
  });

  test('an error in the middle is the modelled exception', async () => {
    const input = { ConsumerARN: 'a', ShardId: 's', StartingPosition: { Type: 'LATEST' } };
    const output = { EventStream: stream([], new AwsError('ResourceInUseException', 'busy')) };
    await assert.rejects(shown('kinesis', 'SubscribeToShard', input, output), { name: 'ResourceInUseException', message: 'busy' });
  });

  test('an error that the stream does not model still has its code', async () => {
    const output = { responseStream: stream([], new AwsError('AccessDeniedException', 'no')) };
    await assert.rejects(shown('cloudwatch-logs', 'StartLiveTail', { logGroupIdentifiers: ['a'] }, output), /no|AccessDeniedException/);
  });
});

describe('events from the client', () => {
  const model = loadModel('kinesis');
  const member = operationOf('kinesis', 'SubscribeToShard').streamingOutput as Member;
  const frame = encodeFrame({
    headers: { ':event-type': 'SubscribeToShardEvent', ':message-type': 'event' },
    payload: Buffer.from('{"ContinuationSequenceNumber":"7"}'),
  });
  const read = async (...chunks: Buffer[]): Promise<unknown[]> => {
    const events: unknown[] = [];
    for await (const event of readEvents(model, 'awsJson1_1', member, Readable.from(chunks))) events.push(event);
    return events;
  };

  test('frames may be cut anywhere', async () => {
    const both = Buffer.concat([frame, frame]);
    const expected = [
      { SubscribeToShardEvent: { ContinuationSequenceNumber: '7' } },
      { SubscribeToShardEvent: { ContinuationSequenceNumber: '7' } },
    ];
    for (let cut = 1; cut < both.length; cut += 7) assert.deepEqual(await read(both.subarray(0, cut), both.subarray(cut)), expected);
    assert.deepEqual(await read(...[...both].map((byte) => Buffer.from([byte]))), expected);
  });

  test('the signed frame around an event is taken off, and an empty one ends the stream', async () => {
    const signed = (payload: Buffer) => encodeFrame({ headers: { ':date': new Date(0), ':chunk-signature': Buffer.alloc(32) }, payload });
    assert.deepEqual(await read(signed(frame), signed(Buffer.alloc(0))), [{ SubscribeToShardEvent: { ContinuationSequenceNumber: '7' } }]);
  });

  test('a changed byte, a cut frame, a huge frame and an unknown event are refused', async () => {
    for (const at of [0, 5, 9, 20, frame.length - 1]) {
      const broken = Buffer.from(frame);
      broken.writeUInt8(broken.readUInt8(at) ^ 1, at);
      await assert.rejects(read(broken), { code: 'SerializationException' });
    }
    await assert.rejects(read(frame.subarray(0, frame.length - 3)), { code: 'SerializationException' });
    await assert.rejects(read(encodeFrame({ headers: { ':event-type': 'Nothing' }, payload: Buffer.alloc(0) })), {
      code: 'SerializationException',
    });
  });
});

describe('frames', () => {
  test('all types of headers survive', async () => {
    const headers = { a: 'text', b: 5, c: 2n ** 40n, d: true, e: false, f: Buffer.from([1, 2]), g: new Date(1.7e12) };
    const decoded = decodeFrame(encodeFrame({ headers, payload: Buffer.from('x') }));
    assert.deepEqual({ ...decoded.headers }, headers);
    assert.equal(decoded.payload.toString(), 'x');
  });

  test('a length that no frame may have is refused before its bytes are awaited', async () => {
    const huge = encodeFrame({ headers: {}, payload: Buffer.alloc(0) });
    huge.writeUInt32BE(0x7fffffff, 0);
    const { crc32 } = await import('node:zlib');
    huge.writeUInt32BE(crc32(huge.subarray(0, 8)), 8);
    await assert.rejects(async () => {
      for await (const decoded of decodeFrames(Readable.from([huge]))) assert.fail(String(decoded.payload.length));
    }, /longer than event streams allow/);
  });
});
