/** The errors with which AWS answers input that it cannot read or that lacks members, by protocol and service. */

import { AwsError } from '../framework/aws-error.ts';
import type { Protocol, ServiceModel } from './model.ts';
import { WireFault } from './wire-fault.ts';

const S3_MALFORMED_XML = 'The XML you provided was not well-formed or did not validate against our published schema';

/** Services whose validation has another code than their protocol's. */
const VALIDATION_CODES: Readonly<Record<string, string>> = {
  'cloudwatch-logs': 'InvalidParameterException',
  'cognito-identity-provider': 'InvalidParameterException',
  'cognito-identity': 'InvalidParameterException',
  ecr: 'InvalidParameterException',
  efs: 'BadRequest',
  cloudfront: 'MalformedXML',
  'route-53': 'InvalidInput',
  's3-control': 'MalformedXML',
};

/** The error for a value or body that cannot be read; other errors pass as they are. */
export function malformedInput(model: ServiceModel, protocol: Protocol, error: unknown): unknown {
  if (!(error instanceof WireFault)) return error;
  switch (protocol) {
    case 'restXml':
      return malformedXml(model, error);
    case 'awsQuery':
      return new AwsError('MalformedInput', inPlace(error), { status: 400, cause: error });
    case 'ec2Query':
      return ec2Malformed(error);
    default:
      return new AwsError('SerializationException', error.message, { status: 400, cause: error });
  }
}

function malformedXml(model: ServiceModel, fault: WireFault): AwsError {
  if (model.name === 's3')
    return fault.where === undefined
      ? new AwsError('MalformedXML', S3_MALFORMED_XML, { status: 400, cause: fault })
      : s3InvalidArgument(fault);
  if (model.name === 'route-53') {
    return new AwsError('InvalidInput', fault.where === undefined ? `Invalid XML ; ${fault.message}` : inPlace(fault), {
      status: 400,
      cause: fault,
    });
  }
  return new AwsError(fault.where === undefined ? 'MalformedXML' : 'InvalidArgument', inPlace(fault), { status: 400, cause: fault });
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
function s3InvalidArgument(fault: WireFault): AwsError {
  const name = fault.where as string;
  const message =
    name === 'partNumber'
      ? 'Part number must be an integer between 1 and 10000, inclusive'
      : `Provided ${name} not an integer or within integer range`;
  return new AwsError('InvalidArgument', fault.message.endsWith('a Number') ? message : `The value of ${name} is not valid`, {
    status: 400,
    fields: { ArgumentName: name, ...(fault.given !== undefined && { ArgumentValue: fault.given }) },
    cause: fault,
  });
}

function ec2Malformed(fault: WireFault): AwsError {
  if (fault.where !== undefined && fault.given !== undefined)
    return new AwsError('InvalidParameterValue', `Value (${fault.given}) for parameter ${fault.where} is invalid. ${fault.message}`, {
      status: 400,
      cause: fault,
    });
  return new AwsError('MalformedQueryString', inPlace(fault), { status: 400, cause: fault });
}

function inPlace(fault: WireFault): string {
  return fault.where === undefined ? fault.message : `${fault.where}: ${fault.message}`;
}

/** The error for required members that are not there. `missing` are paths as required.ts gives them, never empty. */
export function missingInput(model: ServiceModel, protocol: Protocol, missing: readonly string[]): AwsError {
  const first = missing[0] as string;
  if (protocol === 'ec2Query') return new AwsError('MissingParameter', `The request must contain the parameter ${first}`, { status: 400 });
  if (model.name === 'sqs')
    return new AwsError('MissingParameter', `The request must contain the parameter ${capitalised(first)}.`, { status: 400 });
  if (model.name === 's3') return missingInS3(first);
  const isQuery = protocol === 'awsQuery' || model.protocols[0] === 'awsQuery';
  const code = VALIDATION_CODES[model.name] ?? (isQuery ? 'ValidationError' : 'ValidationException');
  const sentences = missing.map((path) => `Value null at '${path}' failed to satisfy constraint: Member must not be null`);
  const count = missing.length === 1 ? '1 validation error' : `${missing.length} validation errors`;
  return new AwsError(code, `${count} detected: ${sentences.join('; ')}`, { status: 400 });
}

function missingInS3(path: string): AwsError {
  if (path === 'policy')
    return new AwsError('MalformedPolicy', "Policies must be valid JSON and the first byte must be '{'", { status: 400 });
  // A path without dots is a member of the request itself: its whole body.
  if (!path.includes('.')) return new AwsError('MissingRequestBodyError', 'Request Body is empty', { status: 400 });
  return new AwsError('MalformedXML', S3_MALFORMED_XML, { status: 400 });
}

function capitalised(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
