/** The format of a flow log's records: https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html */

import { invalidParameter } from '../errors.ts';

/** Fields in AWS's order, with the version that brought them. */
const versions = {
  ...{ version: 2, 'account-id': 2, 'interface-id': 2, srcaddr: 2, dstaddr: 2, srcport: 2, dstport: 2, protocol: 2, packets: 2 },
  ...{ bytes: 2, start: 2, end: 2, action: 2, 'log-status': 2 },
  ...{ 'vpc-id': 3, 'subnet-id': 3, 'instance-id': 3, 'tcp-flags': 3, type: 3, 'pkt-srcaddr': 3, 'pkt-dstaddr': 3 },
  ...{ region: 4, 'az-id': 4, 'sublocation-type': 4, 'sublocation-id': 4 },
  ...{ 'pkt-src-aws-service': 5, 'pkt-dst-aws-service': 5, 'flow-direction': 5, 'traffic-path': 5 },
  ...{ 'ecs-cluster-arn': 7, 'ecs-cluster-name': 7, 'ecs-container-instance-arn': 7, 'ecs-container-instance-id': 7 },
  ...{ 'ecs-container-id': 7, 'ecs-second-container-id': 7, 'ecs-service-name': 7, 'ecs-task-definition-arn': 7, 'ecs-task-arn': 7 },
  ...{ 'ecs-task-id': 7, 'reject-reason': 8, 'resource-id': 9, 'encryption-status': 10 },
} as const;

export type Field = keyof typeof versions;
/** What a record says; absent fields are written as `-`. */
export type RecordFields = { [Name in Field]?: string | number };

const fieldNames = Object.keys(versions) as Field[];
export const defaultFormat = fieldNames
  .filter((name) => versions[name] === 2)
  .map((name) => `\${${name}}`)
  .join(' ');

/** Throws InvalidParameter for what is no list of known fields. */
export function fieldsOf(format: string): Field[] {
  const names = format.split(' ').map((part) => /^\$\{([a-z0-9-]+)\}$/.exec(part)?.[1] ?? part);
  const unknown = names.filter((name) => !Object.hasOwn(versions, name) || !format.includes(`\${${name}}`));
  if (unknown.length > 0) throw invalidParameter(`Unknown fields provided: ${unknown.join(', ').slice(0, 500)}`);
  return names as Field[];
}

/** The highest one of the fields. */
export const versionOf = (fields: readonly Field[]): number => Math.max(...fields.map((name) => versions[name]));

export const lineOf = (fields: readonly Field[], record: RecordFields): string => fields.map((name) => record[name] ?? '-').join(' ');
