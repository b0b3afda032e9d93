/** What the SDK's schemas do not say of a service: the other protocols that its clients speak, and namespaces of old ones. */

import type { Protocol, Shape, Traits } from './model.ts';

/** Protocols beside today's SDK's own: those of AWS CLI v1 and v2, boto3 and older SDKs that are still in use. */
const OLDER: Readonly<Record<string, readonly Protocol[]>> = {
  // CLI and boto3 before 1.31 (October 2023) send forms; some keep to them for the queue URL's sake.
  sqs: ['awsQuery'],
  // boto3 of today speaks CBOR, CLIs before 2025 send forms.
  cloudwatch: ['awsQuery'],
};

/** XML namespaces that the schemas lack since a service moved from forms to JSON. */
const XML_NAMESPACES: Readonly<Record<string, string>> = { sqs: 'http://queue.amazonaws.com/doc/2012-11-05/' };

/** All protocols that a service answers, today's SDK's first. A JSON service answers both JSON versions, and CBOR, to which AWS is moving them. */
export function protocolsOf(name: string, sdkProtocol: string): readonly Protocol[] {
  const own = sdkProtocol as Protocol;
  const rpc: readonly Protocol[] =
    own === 'awsJson1_0' || own === 'awsJson1_1' || own === 'rpcv2Cbor' ? ['awsJson1_0', 'awsJson1_1', 'rpcv2Cbor'] : [];
  return [...new Set([own, ...rpc, ...(OLDER[name] ?? [])])];
}

export function xmlNamespaceOf(name: string, fromSchema: string | undefined): string | null {
  return fromSchema ?? XML_NAMESPACES[name] ?? null;
}

/** Traits of ours on every shape of a kind in one service's model: what its own validation, rather than the codec, must answer. */
const SHAPE_TRAITS: Readonly<Record<string, Partial<Record<Shape['kind'], Traits>>>> = {
  // Refuses NaN and infinities by itself: "The value NaN for parameter MetricData.member.1.Value is invalid."
  cloudwatch: { number: { nonFinite: 1 } },
  // Refuses attribute values with more than one type by itself, as a ValidationException.
  dynamodb: { struct: { severalMembers: 1 } },
  // Writes when something was changed in whole seconds, with a fraction of noughts all the same.
  s3: { timestamp: { wholeSeconds: 1 } },
};

/**
 * `nonFinite`: numbers may be NaN or infinite. `severalMembers`: unions are not checked. `wholeSeconds`: times in XML whose format the
 * schema leaves open end in `.000Z`.
 */
export function shapeTraitsOf(name: string, kind: Shape['kind']): Traits | undefined {
  return SHAPE_TRAITS[name]?.[kind];
}

/** Members that the schema demands and the service does not: an empty set of tags may be left out. */
const OPTIONAL: Readonly<Record<string, readonly string[]>> = { s3: ['tagging.tagSet'] };

/** Whether a service takes a request without a member that its schema calls required; `path` as required.ts gives it. */
export function mayLack(name: string, path: string): boolean {
  return OPTIONAL[name]?.includes(path) ?? false;
}
