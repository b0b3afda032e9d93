/** Where a client does not send or show what it was given, and why: the only differences that the wire tests let pass. */

import type { OperationModel, Protocol, ServiceModel } from '../../src/protocols/model.ts';
import type { Generated } from './generate.ts';
import { BUCKET } from './sdk-client.ts';

/** Values that clients demand in a form of their own, or rewrite, replaced by ones that travel as they are. */
export function tamed(model: ServiceModel, operation: OperationModel, side: 'input' | 'output', value: Generated): Generated {
  return { ...value, ...(side === 'input' ? TAME_INPUTS[model.name]?.(operation, value) : TAME_OUTPUTS[model.name]?.(operation, value)) };
}

type Tame = (operation: OperationModel, value: Generated) => Generated;

/** The members of `values` that the operation has. */
function where(operation: OperationModel, values: Generated): Generated {
  return Object.fromEntries(Object.entries(values).filter(([name]) => operation.input.byName.has(name)));
}

const TAME_INPUTS: Readonly<Record<string, Tame>> = {
  s3: (operation, value) => ({
    ...(value['Bucket'] !== undefined && { Bucket: BUCKET }),
    ...(value['ChecksumAlgorithm'] !== undefined && { ChecksumAlgorithm: 'CRC32' }),
    // The SDK sends the key's base64 and digest instead of what it was given.
    ...where(operation, {
      SSECustomerKey: undefined,
      SSECustomerKeyMD5: undefined,
      CopySourceSSECustomerKey: undefined,
      CopySourceSSECustomerKeyMD5: undefined,
    }),
  }),
  's3-control': (operation) => where(operation, { AccountId: '123456789012' }),
  'cloudfront-keyvaluestore': (operation) =>
    where(operation, { KvsARN: 'arn:aws:cloudfront::123456789012:key-value-store/01234567-89ab-cdef-0123-456789abcdef' }),
  // A host label of the global endpoint.
  eventbridge: (operation) => where(operation, { EndpointId: undefined }),
  // The SDK takes off prefixes such as /hostedzone/, and demands nothing else.
  'route-53': (_operation, value) =>
    Object.fromEntries(
      ['Id', 'HostedZoneId', 'ResourceId']
        .filter((name) => typeof value[name] === 'string')
        .map((name) => [name, `Z${String(value[name]).replace(/\W/g, '')}`]),
    ),
  // The SDK sets the header itself.
  'api-gateway': (operation) => where(operation, { accepts: 'application/json' }),
};

const TAME_OUTPUTS: Readonly<Record<string, Tame>> = {
  s3: (operation) => ({
    // It shares its header with Expires, whose date it shows as sent.
    ...(operation.output.byName.has('ExpiresString') && { ExpiresString: undefined }),
    // The SDK takes an empty 200 for a failure: these answers always have a body.
    ...(operation.name === 'CopyObject' && { CopyObjectResult: { ETag: 'x' } }),
    ...(operation.name === 'UploadPartCopy' && { CopyPartResult: { ETag: 'x' } }),
  }),
};

type Expected = { service?: string; operation?: string; protocol?: Protocol; difference: RegExp; reason: string };

const EXPECTED: readonly Expected[] = [
  { protocol: 'awsQuery', difference: /\{\}\}? ≠ nothing$/, reason: 'forms cannot say that a structure is there and empty' },
  { protocol: 'restJson1', difference: /^\w+: nothing ≠ \{\}$/, reason: 'clients send {} for a payload that is absent' },
  {
    service: 'sqs',
    operation: 'ReceiveMessage',
    protocol: 'awsQuery',
    difference: /^(AttributeNames|MessageSystemAttributeNames)/,
    reason: 'two members share the key AttributeName: both are filled',
  },
  { service: 'ec2', operation: 'CopySnapshot', difference: /^(DestinationRegion|PresignedUrl)/, reason: 'the SDK adds them' },
  { service: 'rbin', difference: /^ExcludeResourceTags: .* ≠ nothing$/s, reason: 'the SDK is older' },
  { service: 'glacier', difference: /^(checksum|accountId)/, reason: 'the SDK computes them' },
  { service: 's3', difference: /^(ExpiresString: nothing|Metadata: nothing ≠ \{\})/, reason: 'the SDK adds them' },
  { service: 's3', difference: /^ChecksumCRC32: nothing/, reason: 'the SDK computes it' },
  { service: 's3', difference: /^Content(Length|Type): nothing/, reason: 'the SDK adds the headers' },
  { service: 's3', difference: /Grantee\.Type: /, reason: 'XML attributes cannot hold line breaks as the SDK writes them' },
  {
    service: 'lambda',
    operation: 'InvokeWithResponseStream',
    difference: /^ResponseStreamContentType/,
    reason: 'bound to Content-Type, which says that events come',
  },
];

export function expectedDifference(model: ServiceModel, protocol: Protocol, operation: OperationModel, difference: string): boolean {
  return EXPECTED.some(
    (expected) =>
      (expected.service ?? model.name) === model.name &&
      (expected.operation ?? operation.name) === operation.name &&
      (expected.protocol ?? protocol) === protocol &&
      expected.difference.test(difference),
  );
}
