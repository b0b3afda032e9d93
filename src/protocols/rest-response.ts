/** Writes REST outputs: status, headers and body, by their bindings. */

import type { Readable } from 'node:stream';
import type { HttpResponse } from '../framework/http-message.ts';
import { eventStreamBody, eventStreamHeaders } from './event-writer.ts';
import { headerWriter } from './header-text.ts';
import { namedJsonWriter } from './json-writer.ts';
import { UNIT, isEventStream } from './link.ts';
import { mailSafe } from './mail-safe.ts';
import type { Member, OperationModel, ServiceModel, Struct } from './model.ts';
import { outputBindings, type Bindings } from './rest-bindings.ts';
import { escapeXml, memberWriter, namespaceAttribute, writeElement, type ElementWriter } from './xml-writer.ts';

type Values = Record<string, unknown>;
type Headers = Record<string, string>;

const XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

export function writeRest(
  model: ServiceModel,
  protocol: 'restJson1' | 'restXml',
  operation: OperationModel,
  output: Values,
  context: { requestId: string },
): HttpResponse {
  const bindings = outputBindings(operation.output);
  const headers: Headers = requestIdHeaders(model, context.requestId);
  writeBoundHeaders(bindings, output, headers);
  const given = bindings.status === undefined ? undefined : output[bindings.status.name];
  const status = typeof given === 'number' ? given : (operation.http?.code ?? 200);
  if (operation.streamingOutput !== undefined && isEventStream(operation.streamingOutput)) {
    return { status, headers: eventStreamHeaders(headers), body: eventStreamBody(protocol, operation, operation.streamingOutput, output) };
  }
  const body =
    protocol === 'restXml' ? xmlBody(model, operation, bindings, output, headers) : jsonBody(operation, bindings, output, headers);
  return body === undefined ? { status, headers } : { status, headers, body };
}

export function requestIdHeaders(model: ServiceModel | undefined, requestId: string): Headers {
  return model?.name === 's3' ? { 'x-amz-request-id': requestId } : { 'x-amzn-requestid': requestId };
}

/** Headers of an output or an error. */
export function writeBoundHeaders(bindings: Bindings, output: Values, headers: Headers): void {
  for (const key in output) {
    const value = output[key];
    if (value === undefined || value === null) continue;
    const bound = bindings.headersByName.get(key);
    if (bound !== undefined) headers[bound.name] = (bound.write ??= headerWriter(bound.member.shape))(value);
  }
  if (bindings.prefixHeaders === undefined) return;
  const { member, prefix } = bindings.prefixHeaders;
  const map = output[member.name];
  if (map === undefined || map === null) return;
  for (const [key, value] of Object.entries(map as Record<string, string>)) headers[prefix + key.toLowerCase()] = mailSafe(value);
}

type Body = Readable | Uint8Array | string;

function jsonBody(operation: OperationModel, bindings: Bindings, output: Values, headers: Headers): Body | undefined {
  const { payload } = bindings;
  if (payload !== undefined) {
    const value = output[payload.name];
    if (value === undefined || value === null) return undefined;
    if (isOpaque(payload)) return opaqueBody(bindings, payload, value, headers);
    headers['content-type'] ??= 'application/json';
    return JSON.stringify(namedJsonWriter(payload.shape)(value as never));
  }
  // An operation without an output at all has no body; one whose members are all elsewhere has `{}`.
  if (operation.output === UNIT || operation.http?.code === 204) return undefined;
  headers['content-type'] ??= 'application/json';
  return JSON.stringify(namedJsonWriter(bindings.body)(output as never));
}

function xmlBody(model: ServiceModel, operation: OperationModel, bindings: Bindings, output: Values, headers: Headers): Body | undefined {
  const { payload } = bindings;
  if (payload !== undefined) {
    const value = output[payload.name];
    if (value === undefined || value === null) return undefined;
    if (isOpaque(payload)) return opaqueBody(bindings, payload, value, headers);
    headers['content-type'] ??= 'application/xml';
    return XML_DECLARATION + payloadWriter(model, payload)(value);
  }
  if (bindings.body.members.length === 0) return undefined;
  headers['content-type'] ??= 'application/xml';
  // S3 answers this one alone with the value as its root.
  if (model.name === 's3' && operation.name === 'GetBucketLocation')
    return `${XML_DECLARATION}<LocationConstraint xmlns="${model.xmlNamespace}">${escapeXml(String(output['LocationConstraint'] ?? ''))}</LocationConstraint>`;
  const { traits, name } = operation.output;
  const element = (traits['xmlName'] as string | undefined) ?? name;
  const namespace = namespaceAttribute(traits) || modelNamespace(model);
  return XML_DECLARATION + writeElement(bindings.body, element, namespace, output);
}

function modelNamespace(model: ServiceModel): string {
  return model.xmlNamespace === undefined ? '' : ` xmlns="${model.xmlNamespace}"`;
}

const payloadWriters = new WeakMap<Member, ElementWriter>();

/** The payload's element is named by the member's own name, else by its shape's. */
function payloadWriter(model: ServiceModel, payload: Member): ElementWriter {
  let write = payloadWriters.get(payload);
  if (write === undefined) {
    const struct = payload.shape as Struct;
    const name = (payload.ownTraits['xmlName'] ?? struct.traits['xmlName'] ?? struct.name) as string;
    const plain = memberWriter(payload, name);
    const named = payload.traits['xmlNamespace'] === undefined && model.xmlNamespace !== undefined;
    // The root says the service's namespace where the schema names none.
    write = named ? (value) => plain(value).replace(`<${name}`, `<${name}${modelNamespace(model)}`) : plain;
    payloadWriters.set(payload, write);
  }
  return write;
}

function isOpaque(member: Member): boolean {
  return member.shape.kind === 'blob' || member.shape.kind === 'string';
}

function opaqueBody(bindings: Bindings, member: Member, value: unknown, headers: Headers): Body {
  // Where the schema binds the header, its absence is the service's wish.
  if (!bindings.headers.some((header) => header.name === 'content-type'))
    headers['content-type'] ??= member.shape.kind === 'blob' ? 'application/octet-stream' : 'text/plain';
  return value as Body;
}
