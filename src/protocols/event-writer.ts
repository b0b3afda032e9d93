/** Writes a stream of events: each as a frame, errors as exception frames, RPC outputs first as an initial response. */

import { Readable } from 'node:stream';
import { AwsError } from '../framework/aws-error.ts';
import { writeCbor } from './cbor-shapes.ts';
import { EVENT_STREAM_TYPE, encodeFrame, type EventHeader, type Frame } from './event-frame.ts';
import { jsonWriter, namedJsonWriter } from './json-writer.ts';
import type { Member, OperationModel, Protocol, Struct } from './model.ts';
import { asBuffer } from './scalars.ts';
import { memberWriter, writeMembers } from './xml-writer.ts';

type Values = Record<string, unknown>;

/** The body for an output whose `member` is an async iterable of events, each `{ EventName: { … } }`. */
export function eventStreamBody(protocol: Protocol, operation: OperationModel, member: Member, output: Values): Readable {
  const events = output[member.name] as AsyncIterable<Values> | Iterable<Values> | undefined;
  return Readable.from(frames(protocol, operation, member, output, events ?? []), { objectMode: false });
}

async function* frames(
  protocol: Protocol,
  operation: OperationModel,
  member: Member,
  output: Values,
  events: AsyncIterable<Values> | Iterable<Values>,
): AsyncGenerator<Buffer> {
  const union = member.shape as Struct;
  if (protocol !== 'restJson1' && protocol !== 'restXml') yield initialResponse(protocol, operation, member, output);
  try {
    for await (const event of events) yield encodeFrame(frameOf(protocol, union, event));
  } catch (error) {
    // The status line has gone: an error in the middle can only be a frame.
    if (!(error instanceof AwsError)) throw error;
    yield encodeFrame(errorFrame(protocol, union, error));
  }
}

/** The members beside the stream, which have no headers to travel in. */
function initialResponse(protocol: Protocol, operation: OperationModel, stream: Member, output: Values): Buffer {
  const { [stream.name]: _events, ...rest } = output;
  const content = documentOf(protocol, operation.output, rest);
  return encodeFrame({
    headers: { ':event-type': 'initial-response', ':message-type': 'event', ':content-type': content.type },
    payload: content.bytes,
  });
}

function frameOf(protocol: Protocol, union: Struct, event: Values): Frame {
  const name = Object.keys(event).find((key) => event[key] !== undefined && event[key] !== null);
  const member = name === undefined ? undefined : union.byName.get(name);
  if (member === undefined) throw new TypeError(`${union.name} has no event ${String(name)}`);
  return messageFrame(
    protocol,
    { ':event-type': member.name, ':message-type': 'event' },
    member.shape as Struct,
    event[member.name] as Values,
  );
}

function errorFrame(protocol: Protocol, union: Struct, error: AwsError): Frame {
  const member = union.members.find(
    (candidate) =>
      candidate.shape.kind === 'struct' && candidate.shape.error && (candidate.shape.name === error.code || candidate.name === error.code),
  );
  if (member === undefined)
    return { headers: { ':message-type': 'error', ':error-code': error.code, ':error-message': error.message }, payload: Buffer.alloc(0) };
  const shape = member.shape as Struct;
  const message = shape.members.find((candidate) => candidate.name.toLowerCase() === 'message');
  const values = message === undefined ? error.fields : { ...error.fields, [message.name]: error.message };
  return messageFrame(protocol, { ':exception-type': member.name, ':message-type': 'exception' }, shape, values);
}

function messageFrame(protocol: Protocol, headers: Record<string, EventHeader>, struct: Struct, values: Values): Frame {
  const payload = struct.members.find((member) => member.traits['eventPayload'] !== undefined);
  for (const member of struct.members) {
    const value = values[member.name];
    if (member.traits['eventHeader'] !== undefined && value !== undefined && value !== null) headers[member.name] = headerOf(member, value);
  }
  if (payload !== undefined) return payloadFrame(protocol, headers, payload, values[payload.name]);
  const inBody = struct.members.filter((member) => member.traits['eventHeader'] === undefined);
  if (inBody.length === 0) return { headers, payload: Buffer.alloc(0) };
  const content = documentOf(protocol, struct, Object.fromEntries(inBody.map((member) => [member.name, values[member.name]])));
  return { headers: { ...headers, ':content-type': content.type }, payload: content.bytes };
}

function payloadFrame(protocol: Protocol, headers: Record<string, EventHeader>, member: Member, value: unknown): Frame {
  if (value === undefined || value === null) return { headers, payload: Buffer.alloc(0) };
  const { shape } = member;
  if (shape.kind === 'blob')
    return { headers: { ...headers, ':content-type': 'application/octet-stream' }, payload: asBuffer(value as Uint8Array) };
  if (shape.kind === 'string') return { headers: { ...headers, ':content-type': 'text/plain' }, payload: Buffer.from(String(value)) };
  // The payload is a document of its own, named by its shape.
  if (protocol === 'restXml')
    return {
      headers: { ...headers, ':content-type': 'text/xml' },
      payload: Buffer.from(memberWriter(member, (shape as Struct).name)(value)),
    };
  const content = documentOf(protocol, shape as Struct, value as Values);
  return { headers: { ...headers, ':content-type': content.type }, payload: content.bytes };
}

function headerOf(member: Member, value: unknown): EventHeader {
  return member.shape.kind === 'blob' ? asBuffer(value as Uint8Array) : (value as EventHeader);
}

function documentOf(protocol: Protocol, struct: Struct, values: Values): { type: string; bytes: Buffer } {
  switch (protocol) {
    case 'rpcv2Cbor':
      return { type: 'application/cbor', bytes: writeCbor(struct, values) };
    case 'restXml':
      return { type: 'text/xml', bytes: Buffer.from(`<${struct.name}>${writeMembers(struct, values)}</${struct.name}>`) };
    case 'restJson1':
      return { type: 'application/json', bytes: Buffer.from(JSON.stringify(namedJsonWriter(struct)(values as never))) };
    default:
      return {
        type: protocol === 'awsJson1_0' ? 'application/x-amz-json-1.0' : 'application/x-amz-json-1.1',
        bytes: Buffer.from(JSON.stringify(jsonWriter(struct)(values as never))),
      };
  }
}

export function eventStreamHeaders(headers: Record<string, string>): Record<string, string> {
  return { ...headers, 'content-type': EVENT_STREAM_TYPE };
}
