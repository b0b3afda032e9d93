/** Reads the input of an operation in any protocol, and answers unreadable ones with the service's own error. */

import type { Readable } from 'node:stream';
import { notImplemented } from '../framework/aws-error.ts';
import { readCbor } from './cbor-shapes.ts';
import { parseForm, type Form } from './form.ts';
import { jsonReader, parseJson } from './json-reader.ts';
import { malformedInput, missingInput } from './malformed.ts';
import type { OperationModel, Protocol, ServiceModel } from './model.ts';
import { readForm } from './query-reader.ts';
import { missingMembers } from './required.ts';
import { readRest } from './rest-request.ts';
import { WireFault } from './wire-fault.ts';
import type { WireRequest } from './wire.ts';

type Values = Record<string, unknown>;

/**
 * The input as the operation's function takes it. `body` is a stream only where `operation.streamingInput` is set; `labels` come from
 * routeRest; `form` saves a second parse where the gateway has made one.
 * Throws AwsError as the service words it: SerializationException, MalformedXML, ValidationError …
 */
export function parseInput(
  model: ServiceModel,
  protocol: Protocol,
  operation: OperationModel,
  wire: WireRequest,
  body: Buffer | Readable,
  labels: Record<string, string> = {},
  form?: Form,
): Values {
  let input: Values;
  try {
    input = readInput(model, protocol, operation, wire, body, labels, form);
  } catch (error) {
    throw malformedInput(model, protocol, error);
  }
  const missing = missingMembers(operation.input, input);
  if (missing.length > 0) throw missingInput(model, protocol, missing);
  return input;
}

function readInput(
  model: ServiceModel,
  protocol: Protocol,
  operation: OperationModel,
  wire: WireRequest,
  body: Buffer | Readable,
  labels: Record<string, string>,
  form: Form | undefined,
): Values {
  const isRest = protocol === 'restJson1' || protocol === 'restXml';
  // Such inputs begin with a frame of their other members. No service that Haneul knows has one.
  if (!isRest && operation.streamingInput !== undefined)
    throw notImplemented(`${model.name}:${operation.name} with a stream over ${protocol}`);
  switch (protocol) {
    case 'restJson1':
    case 'restXml':
      return readRest(model, protocol, operation, wire, body, labels);
    case 'awsQuery':
    case 'ec2Query':
      return readForm(protocol, operation.input, withQueueOfPath(model, wire, form ?? parseForm(formText(wire, buffered(body)))));
    case 'rpcv2Cbor':
      return readCbor(operation.input, buffered(body));
    default: {
      const bytes = buffered(body);
      // A body without a byte means an input without a member.
      return bytes.length === 0 ? {} : (jsonReader(operation.input)(parseJson(bytes), 1) as Values);
    }
  }
}

/** The body of a POST, the query of a GET. Some clients split a POST over both; the body then comes last and counts. */
/** Old clients of SQS name the queue by the path alone: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-making-api-requests-xml.html */
function withQueueOfPath(model: ServiceModel, { path }: WireRequest, form: Form): Form {
  if (model.name !== 'sqs' || form.parts?.has('QueueUrl') || !/^\/\d{12}\/[\w.-]+\/?$/.test(path)) return form;
  (form.parts ??= new Map()).set('QueueUrl', { value: path, parts: undefined });
  return form;
}

function formText(wire: WireRequest, body: Buffer): string {
  if (body.length === 0) return wire.rawQuery;
  const text = body.toString('utf8');
  return wire.rawQuery === '' ? text : `${wire.rawQuery}&${text}`;
}

function buffered(body: Buffer | Readable): Buffer {
  if (!Buffer.isBuffer(body)) throw new WireFault('syntax', 'The operation does not take a stream');
  return body;
}
