/** Reads REST inputs: labels, query, headers and body, by their bindings. */

import { Readable } from 'node:stream';
import { readEvents } from './event-reader.ts';
import { headerReader, utf8FromLatin1 } from './header-text.ts';
import { namedJsonReader, parseJson } from './json-reader.ts';
import { isEventStream } from './link.ts';
import { fromMailSafe } from './mail-safe.ts';
import type { Member, OperationModel, ServiceModel, Shape, Struct } from './model.ts';
import { inputBindings, type Bindings } from './rest-bindings.ts';
import { textReader } from './scalars.ts';
import { WireFault } from './wire-fault.ts';
import type { WireRequest } from './wire.ts';
import { elementName, readStruct } from './xml-reader.ts';
import { parseXml, type XmlElement } from './xml-tree.ts';

type Values = Record<string, unknown>;

/** Throws WireFault. `labels` are decoded. */
export function readRest(
  model: ServiceModel,
  protocol: 'restJson1' | 'restXml',
  operation: OperationModel,
  wire: WireRequest,
  body: Buffer | Readable,
  labels: Record<string, string>,
): Values {
  const bindings = inputBindings(operation.input);
  const input: Values = {};
  for (const member of bindings.labels) {
    const text = labels[member.name];
    if (text !== undefined) input[member.name] = placed(member.name, () => textReader(member.shape)(text));
  }
  readQuery(bindings, operation, wire, input);
  readHeaders(bindings, wire, input);
  if (bindings.payload !== undefined) readPayload(model, protocol, bindings.payload, body, input);
  else if (bindings.body.members.length > 0 && Buffer.isBuffer(body) && body.length > 0) {
    Object.assign(
      input,
      protocol === 'restXml' ? readStruct(bindings.body, parseXml(body)) : (namedJsonReader(bindings.body)(parseJson(body), 1) as Values),
    );
  }
  return input;
}

function readQuery(bindings: Bindings, operation: OperationModel, wire: WireRequest, input: Values): void {
  if (wire.query.size === 0) return;
  for (const { member, name } of bindings.query) {
    const given = wire.query.get(name);
    if (given === undefined) continue;
    const { shape } = member;
    if (shape.kind === 'list') input[member.name] = placed(name, () => given.map(textReader(shape.member.shape)));
    // `max-keys=` counts as absent.
    else if (given[0] !== '' || shape.kind === 'string') input[member.name] = placed(name, () => textReader(shape)(given[0] as string));
  }
  if (bindings.queryMap !== undefined) readQueryMap(bindings, operation, bindings.queryMap, wire, input);
}

function readQueryMap(bindings: Bindings, operation: OperationModel, member: Member, wire: WireRequest, input: Values): void {
  if (member.shape.kind !== 'map') return;
  const literals = new URLSearchParams(operation.http?.uri.split('?')[1]);
  const lists = member.shape.value.shape.kind === 'list';
  const map = Object.create(null) as Values;
  let any = false;
  for (const [name, values] of wire.query) {
    if (literals.has(name) || bindings.query.some((bound) => bound.name === name)) continue;
    map[name] = lists ? [...values] : values[0];
    any = true;
  }
  if (any) input[member.name] = map;
}

function readHeaders(bindings: Bindings, wire: WireRequest, input: Values): void {
  for (const name in wire.headers) {
    const bound = bindings.headersByName.get(name);
    if (bound === undefined) continue;
    const { member } = bound;
    const text = wire.headers[name] as string;
    // RFC 9110, 5.3 and 13.1.3: a condition or an expiry whose date cannot be read is as if it were not there.
    if ((name.startsWith('if-') || name === 'expires') && member.shape.kind === 'timestamp')
      input[member.name] = dateOrNothing(member.shape, text);
    else input[member.name] = placed(name, () => (bound.read ??= headerReader(member.shape))(text));
  }
  if (bindings.prefixHeaders === undefined) return;
  const { member, prefix } = bindings.prefixHeaders;
  let map: Values | undefined;
  for (const name in wire.headers) {
    if (!name.startsWith(prefix)) continue;
    map ??= Object.create(null) as Values;
    map[name.slice(prefix.length)] = fromMailSafe(utf8FromLatin1(wire.headers[name] as string));
  }
  if (map !== undefined) input[member.name] = map;
}

function dateOrNothing(shape: Shape, text: string): unknown {
  try {
    return textReader(shape)(text);
  } catch (error) {
    if (error instanceof WireFault) return undefined;
    throw error;
  }
}

function readPayload(model: ServiceModel, protocol: 'restJson1' | 'restXml', member: Member, body: Buffer | Readable, input: Values): void {
  const { shape } = member;
  if (shape.kind === 'blob' && shape.streaming) {
    input[member.name] = Buffer.isBuffer(body) ? Readable.from(body.length > 0 ? [body] : []) : body;
    return;
  }
  if (isEventStream(member)) {
    input[member.name] = readEvents(model, protocol, member, body);
    return;
  }
  if (!Buffer.isBuffer(body)) throw new TypeError(`the body for ${member.name} must be buffered`);
  if (body.length === 0) return;
  if (shape.kind === 'blob') input[member.name] = body;
  else if (shape.kind === 'string') input[member.name] = body.toString('utf8');
  else if (protocol === 'restJson1') input[member.name] = namedJsonReader(shape)(parseJson(body), 1);
  else input[member.name] = readStruct(shape as Struct, expectedRoot(model, member, shape as Struct, parseXml(body)));
}

/** S3 takes no other root element than its own; Route 53 and CloudFront clients send their own names. */
function expectedRoot(model: ServiceModel, member: Member, struct: Struct, root: XmlElement): XmlElement {
  const expected = member.ownTraits['xmlName'] ?? struct.traits['xmlName'] ?? struct.name;
  if (model.name === 's3' && root.name !== expected && root.name !== elementName(member))
    throw new WireFault('value', `The root element ${root.name.slice(0, 64)} is not expected`);
  return root;
}

/** Says where a value stood that could not be read. */
function placed<T>(where: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof WireFault) error.where ??= where;
    throw error;
  }
}
