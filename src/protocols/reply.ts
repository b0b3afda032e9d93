/** Writes the output of an operation in the protocol in which it was asked for. */

import type { HttpResponse } from '../framework/http-message.ts';
import { jsonTextOf } from '../framework/json-text.ts';
import { writeCbor } from './cbor-shapes.ts';
import { eventStreamBody, eventStreamHeaders } from './event-writer.ts';
import { jsonWriter } from './json-writer.ts';
import { UNIT, isEventStream } from './link.ts';
import type { OperationModel, Protocol, ServiceModel } from './model.ts';
import { cborHeaders, jsonContentType } from './rpc-headers.ts';
import { writeRest } from './rest-response.ts';
import { writeMembers, escapeXml } from './xml-writer.ts';

export { formatError } from './error-reply.ts';

export type ReplyContext = { requestId: string };

type Values = Record<string, unknown>;

export const XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** The response to a call that went well. Members of the output that the schema does not know are left out. */
export function formatOutput(
  model: ServiceModel,
  protocol: Protocol,
  operation: OperationModel,
  output: Values | undefined,
  context: ReplyContext,
): HttpResponse {
  const values = output ?? {};
  const events = operation.streamingOutput;
  if (events !== undefined && isEventStream(events) && protocol !== 'restJson1' && protocol !== 'restXml') {
    return {
      status: 200,
      headers: eventStreamHeaders({ 'x-amzn-requestid': context.requestId }),
      body: eventStreamBody(protocol, operation, events, values),
    };
  }
  switch (protocol) {
    case 'restJson1':
    case 'restXml':
      return writeRest(model, protocol, operation, values, context);
    case 'awsQuery':
      return queryReply(model, operation, values, context);
    case 'ec2Query':
      return ec2Reply(model, operation, values, context);
    case 'rpcv2Cbor':
      return { status: 200, headers: cborHeaders(context.requestId), body: writeCbor(operation.output, values) };
    default:
      return jsonReply(protocol, operation, values, context);
  }
}

function jsonReply(protocol: Protocol, operation: OperationModel, output: Values, context: ReplyContext): HttpResponse {
  const headers = { 'x-amzn-requestid': context.requestId, 'content-type': jsonContentType(protocol) };
  // An operation without an output structure answers nothing, as on AWS.
  return { status: 200, headers, body: operation.output === UNIT ? '' : jsonBody(operation, output) };
}

/** Members whose text is known are put in as they are. */
function jsonBody({ output: shape }: OperationModel, output: Values): string {
  const write = jsonWriter(shape);
  let known = '';
  let rest: Values | undefined;
  for (const name in output) {
    const text = shape.byName.has(name) ? jsonTextOf(output[name]) : undefined;
    if (text === undefined) continue;
    known += `${known === '' ? '' : ','}${JSON.stringify(name)}:${text}`;
    rest ??= { ...output };
    delete rest[name];
  }
  if (!rest) return JSON.stringify(write(output as never));
  const others = JSON.stringify(write(rest as never));
  return others === '{}' ? `{${known}}` : `{${known},${others.slice(1)}`;
}

function queryReply(model: ServiceModel, operation: OperationModel, output: Values, context: ReplyContext): HttpResponse {
  const { name } = operation;
  const result = operation.output === UNIT ? '' : `<${name}Result>${writeMembers(operation.output, output)}</${name}Result>`;
  const body = `<${name}Response xmlns="${model.xmlNamespace ?? ''}">${result}<ResponseMetadata><RequestId>${escapeXml(context.requestId)}</RequestId></ResponseMetadata></${name}Response>`;
  return { status: 200, headers: { 'x-amzn-requestid': context.requestId, 'content-type': 'text/xml' }, body };
}

/** EC2 ends its namespace with a slash, which the schema leaves out. */
function ec2Namespace(model: ServiceModel): string {
  const namespace = model.xmlNamespace ?? '';
  return namespace.endsWith('/') ? namespace : `${namespace}/`;
}

function ec2Reply(model: ServiceModel, operation: OperationModel, output: Values, context: ReplyContext): HttpResponse {
  const { name } = operation;
  const content = writeMembers(operation.output, output);
  const body = `${XML_DECLARATION}<${name}Response xmlns="${ec2Namespace(model)}"><requestId>${escapeXml(context.requestId)}</requestId>${content}</${name}Response>`;
  return { status: 200, headers: { 'x-amzn-requestid': context.requestId, 'content-type': 'text/xml;charset=UTF-8' }, body };
}
