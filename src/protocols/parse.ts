/** Reads the input of an operation in any protocol, and answers unreadable ones with the service's own error. */

import type { Readable } from 'node:stream';
import { notImplemented } from '../framework/aws-error.ts';
import { coralInput } from './coral-reader.ts';
import { readCbor } from './cbor-shapes.ts';
import { parseForm, type Form } from './form.ts';
import { jsonReader, parseJson } from './json-reader.ts';
import { malformedInput, missingInput } from './malformed.ts';
import type { OperationModel, Protocol, ServiceModel } from './model.ts';
import { readForm } from './query-reader.ts';
import { missingMembers } from './required.ts';
import { mayLack } from './service-facts.ts';
import { readRest } from './rest-request.ts';
import { WireFault } from './wire-fault.ts';
import type { WireRequest } from './wire.ts';

/** Services whose JSON is read by Coral's rules, and the Java packages that its sentences name. */
const coralClasses: Readonly<Record<string, string>> = {
  dynamodb: 'com.amazonaws.dynamodb.v20120810',
  'dynamodb-streams': 'com.amazonaws.dynamodb.streams.v20120810',
};

type Values = Record<string, unknown>;

/**
 * The input as the operation's function takes it. `body` is a stream only where `operation.streamingInput` is set; `labels` come from
 * routeRest; `form` saves a second parse where the gateway has made one; `checkFirst` throws what a service has to say of the input
 * before missing members are told in the usual words.
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
  checkFirst?: (input: Values, missing: readonly string[]) => void,
): Values {
  let input: Values;
  try {
    input = readInput(model, protocol, operation, wire, body, labels, form);
  } catch (error) {
    throw malformedInput(model, protocol, error);
  }
  const missing = missingMembers(operation.input, input).filter((path) => !mayLack(model.name, path));
  checkFirst?.(input, missing);
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
      // A body without a byte means an input without a member, but to DynamoDB nothing.
      return bytes.length === 0 && coralClasses[model.name] === undefined ? {} : readJson(model, operation, parseJson(bytes));
    }
  }
}

function readJson({ name }: ServiceModel, { input }: OperationModel, json: unknown): Values {
  const classes = coralClasses[name];
  try {
    return jsonReader(input)(json, 1) as Values;
  } catch (error) {
    if (classes === undefined) throw error;
    return coralInput(input, json, classes);
  }
}

/** Old clients of SQS name the queue by the path alone: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-making-api-requests-xml.html */
function withQueueOfPath(model: ServiceModel, { path }: WireRequest, form: Form): Form {
  if (model.name !== 'sqs' || form.parts?.has('QueueUrl') || !/^\/\d{12}\/[\w.-]+\/?$/.test(path)) return form;
  (form.parts ??= new Map()).set('QueueUrl', { value: path, parts: undefined });
  return form;
}

/** The body of a POST, the query of a GET. Some clients split a POST over both; the body then comes last and counts. */
function formText(wire: WireRequest, body: Buffer): string {
  if (body.length === 0) return wire.rawQuery;
  const text = body.toString('utf8');
  return wire.rawQuery === '' ? text : `${wire.rawQuery}&${text}`;
}

function buffered(body: Buffer | Readable): Buffer {
  if (!Buffer.isBuffer(body)) throw new WireFault('syntax', 'The operation does not take a stream');
  return body;
}
