/** Flow logs: the record, and which interfaces one is about. */

import type { Tag } from '../../../framework/tags.ts';
import { table } from '../../../store/table.ts';
import type { NetworkInterface } from '../network-interfaces/network-interface.ts';
import { resourceType } from '../resource.ts';

export type FlowLogDestination =
  | { type: 'cloud-watch-logs'; group: string; /** The role that writes there. */ role: string }
  | { type: 's3'; bucket: string; /** Ends in a slash, or is empty. */ prefix: string; hive: boolean; perHour: boolean }
  | { type: 'kinesis-data-firehose'; stream: string };

export type FlowLog = {
  account: string;
  region: string;
  id: string;
  created: number;
  resource: string;
  resourceType: 'VPC' | 'Subnet' | 'NetworkInterface';
  vpc: string;
  traffic: 'ACCEPT' | 'REJECT' | 'ALL';
  /** As it was given. */
  format: string;
  intervalSeconds: number;
  destination: FlowLogDestination;
  /** `LogDestination` as it was given, where it was. */
  destinationArn?: string;
  tags?: Tag[];
};

export const flowLogs = table<FlowLog, 'resource'>('ec2/flow-logs', {
  key: (row) => [row.account, row.region, row.id],
  indexes: { resource: (row) => [row.account, row.region, row.resource] },
});
export const flowLogType = resourceType('vpc-flow-log', 'fl', flowLogs, ['InvalidFlowLogId.NotFound', 'The flow log id']);

/** Why the last delivery failed; apart from the flow log, which the network follows. No row: it went well, or has not been. */
export type FlowLogFailure = { flowLog: string; message: string };
export const flowLogFailures = table<FlowLogFailure>('ec2/flow-log-failures', { key: (row) => [row.flowLog] });

/** Until when the flows of a VPC have been collected, milliseconds of cloud time. */
export type FlowCollection = { vpc: string; to: number };
export const flowCollections = table<FlowCollection>('ec2/flow-collections', { key: (row) => [row.vpc] });

/** Each interface can so be in six: https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html */
export const flowLogsPerResourceMax = 2;

/** Interfaces that nobody uses have no records. */
export function isAbout({ resource, resourceType: type }: FlowLog, row: NetworkInterface): boolean {
  if (row.attachment === undefined) return false;
  return resource === (type === 'VPC' ? row.vpc : type === 'Subnet' ? row.subnet : row.id);
}

/** `LogDestination` as Describe calls show it. */
export function destinationArnOf({ account, region, destination, destinationArn }: FlowLog): string {
  if (destinationArn !== undefined) return destinationArn;
  return destination.type === 'cloud-watch-logs' ? `arn:aws:logs:${region}:${account}:log-group:${destination.group}` : '';
}
