/**
 * Frames of `application/vnd.amazon.eventstream`, both ways:
 * https://docs.aws.amazon.com/transcribe/latest/dg/streaming-setting-up.html#streaming-event-stream
 */

import { crc32 } from 'node:zlib';
import { eventHeadersBytesMax, eventPayloadBytesMax } from './limits.ts';
import { WireFault } from './wire-fault.ts';

export type EventHeader = string | number | bigint | boolean | Buffer | Date;
export type Frame = { headers: Record<string, EventHeader>; payload: Buffer };

export const EVENT_STREAM_TYPE = 'application/vnd.amazon.eventstream';

/** Total length, length of the headers, and their CRC. */
const PRELUDE_BYTES = 12;
const CRC_BYTES = 4;
const INT32_MAX = 0x7fffffff;

export function encodeFrame({ headers, payload }: Frame): Buffer {
  const head = Buffer.concat(Object.entries(headers).map(([name, value]) => encodeHeader(name, value)));
  const frame = Buffer.allocUnsafe(PRELUDE_BYTES + head.length + payload.length + CRC_BYTES);
  frame.writeUInt32BE(frame.length, 0);
  frame.writeUInt32BE(head.length, 4);
  frame.writeUInt32BE(crc32(frame.subarray(0, 8)), 8);
  head.copy(frame, PRELUDE_BYTES);
  payload.copy(frame, PRELUDE_BYTES + head.length);
  const end = frame.length - CRC_BYTES;
  frame.writeUInt32BE(crc32(frame.subarray(0, end)), end);
  return frame;
}

/** The frames of a stream of bytes, as they come. Throws WireFault for a wrong checksum, a frame too long or one cut short. */
export async function* decodeFrames(source: AsyncIterable<Uint8Array>): AsyncGenerator<Frame> {
  let pending: Buffer[] = [];
  let length = 0;
  let wanted = PRELUDE_BYTES;
  for await (const chunk of source) {
    pending.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    length += chunk.length;
    if (length < wanted) continue;
    let bytes: Buffer = pending.length === 1 ? (pending[0] as Buffer) : Buffer.concat(pending, length);
    for (wanted = frameLength(bytes); bytes.length >= wanted && bytes.length >= PRELUDE_BYTES; wanted = frameLength(bytes)) {
      yield decodeFrame(bytes.subarray(0, wanted));
      bytes = bytes.subarray(wanted);
    }
    pending = bytes.length === 0 ? [] : [bytes];
    length = bytes.length;
  }
  if (length > 0) throw malformed('the last frame is cut short');
}

/** One whole frame. */
export function decodeFrame(frame: Buffer): Frame {
  if (frame.length < PRELUDE_BYTES || frameLength(frame) !== frame.length) throw malformed('its length is wrong');
  const end = frame.length - CRC_BYTES;
  if (crc32(frame.subarray(0, end)) !== frame.readUInt32BE(end)) throw malformed('its checksum is wrong');
  const headersEnd = PRELUDE_BYTES + frame.readUInt32BE(4);
  return { headers: decodeHeaders(frame.subarray(PRELUDE_BYTES, headersEnd)), payload: frame.subarray(headersEnd, end) };
}

/** The length of the frame that the bytes begin with, or of a prelude when they hold less. */
function frameLength(bytes: Buffer): number {
  if (bytes.length < PRELUDE_BYTES) return PRELUDE_BYTES;
  if (crc32(bytes.subarray(0, 8)) !== bytes.readUInt32BE(8)) throw malformed('the checksum of its prelude is wrong');
  const total = bytes.readUInt32BE(0);
  const headers = bytes.readUInt32BE(4);
  const payload = total - headers - PRELUDE_BYTES - CRC_BYTES;
  if (payload < 0 || headers > eventHeadersBytesMax || payload > eventPayloadBytesMax)
    throw new WireFault('limit', 'An event is longer than event streams allow');
  return total;
}

function encodeHeader(name: string, value: EventHeader): Buffer {
  const key = Buffer.from(name, 'utf8');
  const body = encodeHeaderValue(value);
  return Buffer.concat([Buffer.from([key.length]), key, body]);
}

function encodeHeaderValue(value: EventHeader): Buffer {
  if (typeof value === 'boolean') return Buffer.from([value ? 0 : 1]);
  if (typeof value === 'string') return withLength(7, Buffer.from(value, 'utf8'));
  if (Buffer.isBuffer(value)) return withLength(6, value);
  if (typeof value === 'number' && Math.abs(value) <= INT32_MAX) {
    const bytes = Buffer.alloc(5, 4);
    bytes.writeInt32BE(value, 1);
    return bytes;
  }
  const bytes = Buffer.alloc(9, value instanceof Date ? 8 : 5);
  bytes.writeBigInt64BE(BigInt(value instanceof Date ? value.getTime() : value), 1);
  return bytes;
}

function withLength(type: number, value: Buffer): Buffer {
  const head = Buffer.alloc(3, type);
  head.writeUInt16BE(value.length, 1);
  return Buffer.concat([head, value]);
}

function decodeHeaders(bytes: Buffer): Record<string, EventHeader> {
  const headers = Object.create(null) as Record<string, EventHeader>;
  let at = 0;
  const take = (length: number): Buffer => {
    if (at + length > bytes.length) throw malformed('its headers are cut short');
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const name = take(take(1).readUInt8(0)).toString('utf8');
    headers[name] = decodeHeaderValue(take(1).readUInt8(0), take);
  }
  return headers;
}

function decodeHeaderValue(type: number, take: (length: number) => Buffer): EventHeader {
  switch (type) {
    case 0:
      return true;
    case 1:
      return false;
    case 2:
      return take(1).readInt8(0);
    case 3:
      return take(2).readInt16BE(0);
    case 4:
      return take(4).readInt32BE(0);
    case 5:
      return take(8).readBigInt64BE(0);
    case 6:
      return take(take(2).readUInt16BE(0));
    case 7:
      return take(take(2).readUInt16BE(0)).toString('utf8');
    case 8:
      return new Date(Number(take(8).readBigInt64BE(0)));
    case 9:
      return take(16).toString('hex');
    default:
      throw malformed(`the header type ${type} is unknown`);
  }
}

function malformed(what: string): WireFault {
  return new WireFault('syntax', `The event stream is not well-formed: ${what}`);
}
