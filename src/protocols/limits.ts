/** How much of anything a stranger may send. */

import type { OperationModel, ServiceModel } from './model.ts';

const MiB = 1024 * 1024;

/**
 * Levels of structures, lists and maps in an input or a document. DynamoDB's 32 levels of attributes are 64 levels here, in a few
 * more of their request; nothing else that AWS models comes near.
 */
export const depthMax = 128;

/** Parts between the dots of one form key, `A.member.1.B` has four. */
export const formKeyPartsMax = 64;
/** PutMetricData with 1,000 metrics of 30 dimensions is the largest form known; its own 1 MB ends it well before. */
export const formMembersMax = 100_000;
/** Parts of all their names together, as a tree. */
export const formNodesMax = 300_000;
/** AWS takes forms and forms' JSON successors up to 1 MB; an uploaded EC2 image or template stays below. */
export const formBytesMax = 4 * MiB;

/** Elements of one XML document: 10,000 completed parts have some 70,000. */
export const xmlNodesMax = 200_000;
export const xmlAttributesMax = 64;
export const xmlDepthMax = 64;

/** One frame of an event stream, AWS's own maximum: 16 MiB of payload, 128 KiB of headers. */
export const eventPayloadBytesMax = 16 * MiB;
export const eventHeadersBytesMax = 128 * 1024;

const bodyBytesDefault = 8 * MiB;

/** Operations (or whole services) whose buffered body may be larger: what AWS documents, in base64 where it travels in JSON. */
const bodyBytesOf: Readonly<Record<string, number>> = {
  dynamodb: 16 * MiB,
  firehose: 12 * MiB,
  'kinesis:PutRecords': 16 * MiB,
  'ecr:UploadLayerPart': 32 * MiB,
  'lambda:Invoke': 32 * MiB,
  'api-gateway:ImportRestApi': 16 * MiB,
  'api-gateway:PutRestApi': 16 * MiB,
  'lambda:CreateFunction': 72 * MiB,
  'lambda:UpdateFunctionCode': 72 * MiB,
  'lambda:PublishLayerVersion': 72 * MiB,
};

/** The most bytes of a body that is buffered, in bytes; streams have no limit here. Beyond it AWS answers 413. */
export function bodyBytesMax(model: ServiceModel, operation: OperationModel): number {
  if (model.protocols.includes('ec2Query') || (model.protocols[0] === 'awsQuery' && model.protocols.length === 1)) return formBytesMax;
  return bodyBytesOf[`${model.name}:${operation.name}`] ?? bodyBytesOf[model.name] ?? bodyBytesDefault;
}
