/** Writes errors in the form of each protocol. */

import type { AwsError } from '../framework/aws-error.ts';
import type { HttpResponse } from '../framework/http-message.ts';
import { writeCbor } from './cbor-shapes.ts';
import { UNIT } from './link.ts';
import { coralError } from './coral-errors.ts';
import { jsonWriter, namedJsonWriter } from './json-writer.ts';
import type { OperationModel, Protocol, ServiceModel, Struct } from './model.ts';
import { cborHeaders, jsonContentType } from './rpc-headers.ts';
import { outputBindings } from './rest-bindings.ts';
import { requestIdHeaders, writeBoundHeaders } from './rest-response.ts';
import { escapeXml, writeMembers } from './xml-writer.ts';

export type ErrorContext = {
  requestId: string;
  /** S3: its second id of the request. */
  hostId?: string;
  /** The request was a HEAD: the answer has no body. */
  headRequest?: boolean;
};

type Values = Record<string, unknown>;

/** What an error is on the wire, before a protocol writes it. */
export type ErrorFacts = {
  error: AwsError;
  shape: Struct | undefined;
  status: number;
  /** The error's name among the SDK's shapes. */
  name: string;
  /** Its code in the query protocols, where it differs (`AWS.SimpleQueueService.NonExistentQueue`). */
  queryCode: string;
  fault: 'Sender' | 'Receiver';
  values: Values;
};

/** The response to a call that failed. `model` is undefined where no service was found, `operation` where none was. */
export function formatError(
  model: ServiceModel | undefined,
  protocol: Protocol,
  operation: OperationModel | undefined,
  error: AwsError,
  context: ErrorContext,
): HttpResponse {
  const facts = factsOf(model, protocol, error);
  const response = writeError(model, protocol, facts, context);
  Object.assign(response.headers, error.headers);
  // A HEAD cannot carry it, and 304 must not.
  if (context.headRequest === true || facts.status === 304 || operation?.http?.method === 'HEAD') {
    delete response.headers['content-type'];
    return { status: response.status, headers: response.headers };
  }
  return response;
}

function factsOf(model: ServiceModel | undefined, protocol: Protocol, error: AwsError): ErrorFacts {
  const shape = model === undefined ? undefined : shapeOf(model, error.code);
  const traits = shape?.traits ?? {};
  const query = traits['awsQueryError'] as [code: string, status: number] | undefined;
  const ofQuery = protocol === 'awsQuery' || protocol === 'ec2Query' ? query?.[1] : undefined;
  const status = error.status ?? ofQuery ?? (traits['httpError'] as number | undefined) ?? (traits['error'] === 'server' ? 500 : 400);
  const values: Values = { ...error.fields };
  const message = shape && messageMember(shape);
  if (message !== undefined) values[message] = error.message;
  return {
    error,
    shape,
    status,
    name: shape?.name ?? error.code,
    queryCode: query?.[0] ?? error.queryCode ?? error.code,
    fault: status < 500 ? 'Sender' : 'Receiver',
    values,
  };
}

/** Services may throw an error by its shape's name or by its query code. */
function shapeOf(model: ServiceModel, code: string): Struct | undefined {
  return model.errors.get(code) ?? byQueryCode(model).get(code);
}

const queryCodes = new WeakMap<ServiceModel, Map<string, Struct>>();

function byQueryCode(model: ServiceModel): Map<string, Struct> {
  let codes = queryCodes.get(model);
  if (codes === undefined) {
    codes = new Map();
    for (const shape of model.errors.values()) {
      const query = shape.traits['awsQueryError'] as [code: string, status: number] | undefined;
      if (query !== undefined && !codes.has(query[0])) codes.set(query[0], shape);
    }
    queryCodes.set(model, codes);
  }
  return codes;
}

/** `message` or `Message`, as the shape has it. */
function messageMember(shape: Struct): string | undefined {
  return shape.members.find((member) => member.name.toLowerCase() === 'message')?.name;
}

function writeError(model: ServiceModel | undefined, protocol: Protocol, facts: ErrorFacts, context: ErrorContext): HttpResponse {
  switch (protocol) {
    case 'restJson1':
      return restJsonError(model, facts, context);
    case 'restXml':
      return model?.name === 's3' ? s3Error(facts, context) : wrappedXmlError(model, facts, context);
    case 'awsQuery':
      return wrappedXmlError(model, facts, context);
    case 'ec2Query':
      return ec2Error(facts, context);
    case 'rpcv2Cbor':
      return cborError(model, facts, context);
    default:
      return jsonError(model, protocol, facts, context);
  }
}

/** AWS qualifies the names of services that once spoke the query protocol (SQS), and leaves those of others short. */
function jsonError(model: ServiceModel | undefined, protocol: Protocol, facts: ErrorFacts, context: ErrorContext): HttpResponse {
  const { error, shape, name, status } = facts;
  const headers: Record<string, string> = { 'x-amzn-requestid': context.requestId, 'content-type': jsonContentType(protocol) };
  addQueryCode(model, facts, headers);
  if (model !== undefined && model.signingName === 'dynamodb') return { status, headers, body: coralError(model, facts) };
  const modelled = shape === undefined ? { message: error.message } : (jsonWriter(shape)(facts.values as never) as Values);
  // What has nothing to say has no message (KMS's InvalidCiphertextException), whatever else its shape has.
  const { message: _, ...others } = modelled as Values;
  const said = error.message === '' ? others : { message: error.message, ...modelled };
  const type = model?.queryCompatible === true ? qualified(model, name) : name;
  return { status, headers, body: JSON.stringify({ __type: type, ...said }) };
}

function cborError(model: ServiceModel | undefined, facts: ErrorFacts, context: ErrorContext): HttpResponse {
  const { error, shape, name, status } = facts;
  const headers = cborHeaders(context.requestId);
  addQueryCode(model, facts, headers);
  const type = { __type: qualified(model, name) };
  const named = shape !== undefined && messageMember(shape) === 'message' ? type : { ...type, message: error.message };
  return { status, headers, body: writeCbor(shape ?? UNIT, facts.values, named) };
}

/** `com.amazonaws.sqs#QueueDoesNotExist`: old botocore and all SDKs cut it at the `#`. */
export function qualified(model: ServiceModel | undefined, name: string): string {
  return model === undefined ? name : `${model.namespace}#${name}`;
}

export function addQueryCode(
  model: ServiceModel | undefined,
  facts: Pick<ErrorFacts, 'queryCode' | 'fault'>,
  headers: Record<string, string>,
): void {
  if (model?.queryCompatible === true) headers['x-amzn-query-error'] = `${facts.queryCode};${facts.fault}`;
}

function restJsonError(model: ServiceModel | undefined, facts: ErrorFacts, context: ErrorContext): HttpResponse {
  const { error, shape, name, status } = facts;
  const headers = { ...requestIdHeaders(model, context.requestId), 'content-type': 'application/json', 'x-amzn-errortype': name };
  if (shape === undefined) return { status, headers, body: JSON.stringify({ message: error.message }) };
  const bindings = outputBindings(shape);
  writeBoundHeaders(bindings, facts.values, headers);
  // One service binds a member to the very header that names the error.
  headers['x-amzn-errortype'] = name;
  return {
    status,
    headers,
    body: JSON.stringify({ message: error.message, ...(namedJsonWriter(bindings.body)(facts.values as never) as Values) }),
  };
}

function wrappedXmlError(model: ServiceModel | undefined, facts: ErrorFacts, context: ErrorContext): HttpResponse {
  const headers = { ...requestIdHeaders(model, context.requestId), 'content-type': 'text/xml' };
  if (facts.shape !== undefined) writeBoundHeaders(outputBindings(facts.shape), facts.values, headers);
  const namespace = model?.xmlNamespace === undefined ? '' : ` xmlns="${model.xmlNamespace}"`;
  const requestId = `<RequestId>${escapeXml(context.requestId)}</RequestId>${hostElement(context)}`;
  // SQS alone has this element, which is always empty.
  const detail = model?.name === 'sqs' ? '<Detail/>' : '';
  return {
    status: facts.status,
    headers,
    body: `<ErrorResponse${namespace}><Error><Type>${facts.fault}</Type>${errorContent(facts, facts.queryCode)}${detail}</Error>${requestId}</ErrorResponse>`,
  };
}

function s3Error(facts: ErrorFacts, context: ErrorContext): HttpResponse {
  const headers = {
    'x-amz-request-id': context.requestId,
    'content-type': 'application/xml',
    ...(context.hostId !== undefined && { 'x-amz-id-2': context.hostId }),
  };
  // S3's errors carry members that no schema models: BucketName, Key, ArgumentName.
  const known = facts.shape?.byName;
  let extra = '';
  for (const [name, value] of Object.entries(facts.error.fields)) {
    if (known?.has(name) !== true && value !== undefined && value !== null && /^[A-Za-z][A-Za-z0-9-]*$/.test(name))
      extra += `<${name}>${escapeXml(String(value))}</${name}>`;
  }
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${errorContent(facts, facts.error.code)}${extra}<RequestId>${escapeXml(context.requestId)}</RequestId>${hostElement(context)}</Error>`;
  return { status: facts.status, headers, body };
}

function hostElement({ hostId }: ErrorContext): string {
  return hostId === undefined ? '' : `<HostId>${escapeXml(hostId)}</HostId>`;
}

function ec2Error(facts: ErrorFacts, context: ErrorContext): HttpResponse {
  const headers = { 'x-amzn-requestid': context.requestId, 'content-type': 'text/xml;charset=UTF-8' };
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error>${errorContent(facts, facts.queryCode)}</Error></Errors><RequestID>${escapeXml(context.requestId)}</RequestID></Response>`;
  return { status: facts.status, headers, body };
}

const withoutMessage = new WeakMap<Struct, Struct>();

function errorContent(facts: ErrorFacts, code: string): string {
  const { shape } = facts;
  const head = `<Code>${escapeXml(code)}</Code><Message>${escapeXml(facts.error.message)}</Message>`;
  if (shape === undefined) return head;
  let rest = withoutMessage.get(shape);
  if (rest === undefined) {
    const members = outputBindings(shape).body.members.filter(
      (member) => member.name.toLowerCase() !== 'message' && member.name !== 'Code',
    );
    withoutMessage.set(shape, (rest = { ...shape, members }));
  }
  return head + writeMembers(rest, facts.values);
}
