/** Reads a stream of events that a client sends, as an async iterable of `{ EventName: { … } }`. */

import { Readable } from 'node:stream';
import { AwsError } from '../framework/aws-error.ts';
import { readCbor } from './cbor-shapes.ts';
import { decodeFrame, decodeFrames, type Frame } from './event-frame.ts';
import { jsonReader, namedJsonReader, parseJson } from './json-reader.ts';
import { malformedInput } from './malformed.ts';
import type { Member, Protocol, ServiceModel, Struct } from './model.ts';
import { WireFault } from './wire-fault.ts';
import { readStruct } from './xml-reader.ts';
import { parseXml } from './xml-tree.ts';

type Values = Record<string, unknown>;

/** What the gateway may check of each signed event before it is read: throws AwsError when the signature is wrong. */
export type EventVerifier = (headers: Frame['headers'], payload: Buffer) => void;

/**
 * The events. Faults in the middle throw the service's own error from the iteration. SDKs wrap every event in a signed frame, which
 * is taken off here; an empty signed frame ends the stream.
 */
export async function* readEvents(
  model: ServiceModel,
  protocol: Protocol,
  member: Member,
  body: Buffer | Readable,
  verify?: EventVerifier,
): AsyncGenerator<Values> {
  const source = Buffer.isBuffer(body) ? Readable.from([body]) : body;
  try {
    for await (const frame of decodeFrames(source)) {
      const signed = frame.headers[':chunk-signature'] !== undefined;
      if (signed) verify?.(frame.headers, frame.payload);
      if (signed && frame.payload.length === 0) return;
      const event = signed ? decodeFrame(frame.payload) : frame;
      yield readEvent(protocol, member.shape as Struct, event);
    }
  } catch (error) {
    throw malformedInput(model, protocol, error);
  }
}

function readEvent(protocol: Protocol, union: Struct, frame: Frame): Values {
  if (frame.headers[':message-type'] === 'error')
    throw new AwsError('BadRequestException', `The client ended the stream: ${String(frame.headers[':error-message'])}`, { status: 400 });
  const name = String(frame.headers[':event-type'] ?? frame.headers[':exception-type']);
  const member = union.byName.get(name);
  if (member === undefined) throw new WireFault('value', `${union.name} has no event ${name.slice(0, 64)}`);
  const struct = member.shape as Struct;
  const values: Values = {};
  for (const header of struct.members) {
    const value = frame.headers[header.name];
    if (header.traits['eventHeader'] !== undefined && value !== undefined) values[header.name] = value;
  }
  const payload = struct.members.find((candidate) => candidate.traits['eventPayload'] !== undefined);
  if (payload === undefined) Object.assign(values, readDocument(protocol, struct, frame.payload));
  else if (payload.shape.kind === 'blob') values[payload.name] = frame.payload;
  else if (payload.shape.kind === 'string') values[payload.name] = frame.payload.toString('utf8');
  else values[payload.name] = readDocument(protocol, payload.shape as Struct, frame.payload);
  return { [member.name]: values };
}

/** A structure in the protocol's own form. */
export function readDocument(protocol: Protocol, struct: Struct, payload: Buffer): Values {
  if (payload.length === 0) return {};
  switch (protocol) {
    case 'rpcv2Cbor':
      return readCbor(struct, payload);
    case 'restXml':
      return readStruct(struct, parseXml(payload));
    case 'restJson1':
      return namedJsonReader(struct)(parseJson(payload), 1) as Values;
    default:
      return jsonReader(struct)(parseJson(payload), 1) as Values;
  }
}
