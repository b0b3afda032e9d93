/** Flow logs: create, describe, delete: https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs.html */

import { parseArn } from '../../../framework/arn.ts';
import { AwsError } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { passRole } from '../../../framework/service-role.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { describeWith } from '../describe.ts';
import { invalidParameter, invalidParameterValue, limitExceeded, missingParameter, notBuilt, refusal } from '../errors.ts';
import type { Filters } from '../filters.ts';
import { once } from '../idempotency.ts';
import { networkInterfaceType } from '../network-interfaces/network-interface.ts';
import { newId, requireResource, resourcesBy, type Place } from '../resource.ts';
import type { Input, Operation } from '../sdk.ts';
import { subnetType } from '../subnets/subnet.ts';
import { kept, tagsFor, tagSet } from '../tags/tag-specifications.ts';
import { vpcType } from '../vpcs/vpc.ts';
import { flowLogService } from './destinations.ts';
import {
  destinationArnOf,
  flowLogFailures,
  flowLogs,
  flowLogsPerResourceMax,
  flowLogType,
  type FlowLog,
  type FlowLogDestination,
} from './flow-log.ts';
import { defaultFormat, fieldsOf } from './format.ts';

const resourcesPerCallMax = 1_000;

type CreateInput = Input<'CreateFlowLogs'>;
type Wanted = Pick<FlowLog, 'traffic' | 'format' | 'intervalSeconds' | 'destination' | 'destinationArn' | 'resourceType'>;

/** What fails for one resource only is told beside what was made for the others. */
export const CreateFlowLogs: Operation<'CreateFlowLogs'> = async (request, input) => {
  const wanted = wantedFrom(request, input);
  const tags = tagsFor(input.TagSpecifications, flowLogType.name);
  const ids = [...new Set(input.ResourceIds)];
  if (ids.length > resourcesPerCallMax) throw invalidParameter(`At most ${resourcesPerCallMax} resources may be given.`);
  const { destination } = wanted;
  if (destination.type === 'cloud-watch-logs') await request.permit(passRole(destination.role, flowLogService));
  const ClientToken = input.ClientToken ?? request.random.uuid();
  const missing = await missingDestination(request, destination);
  if (missing !== undefined)
    return { ClientToken, FlowLogIds: [], Unsuccessful: ids.map((ResourceId) => ({ ResourceId, Error: missing })) };
  const drawn = ids.map(() => newId(request.random, 'fl'));
  const made = await request.store.write(async (tx) => {
    const rows: FlowLog[] = [];
    for (const [at, resource] of ids.entries()) {
      const { account, region, now } = request;
      const make = async (): Promise<FlowLog> => {
        const vpc = await vpcOf(tx, request, wanted.resourceType, resource);
        const row: FlowLog = { account, region, id: drawn[at]!, created: now, resource, vpc, ...wanted, ...kept(tags) };
        await checkPlace(tx, row);
        await flowLogs.put(tx, row);
        return row;
      };
      const token = input.ClientToken === undefined ? {} : { ClientToken: `${input.ClientToken.slice(0, 40)} ${at}` };
      rows.push(await once(tx, request, { ...input, ...token }, flowLogs, make));
    }
    return rows;
  });
  return {
    ...{ FlowLogIds: made.map(({ id }) => id), Unsuccessful: [] },
    ClientToken,
  };
};

/** Checks the parameters by themselves. */
function wantedFrom(request: ServiceRequest, input: CreateInput): Wanted {
  const { TrafficType: traffic, MaxAggregationInterval: intervalSeconds = 600 } = input;
  const resourceType = resourceTypeOf(input);
  if (input.DeliverCrossAccountRole !== undefined) throw notBuilt('CreateFlowLogs', 'DeliverCrossAccountRole');
  if (traffic === undefined) throw missingParameter('TrafficType');
  if (!['ACCEPT', 'REJECT', 'ALL'].includes(traffic))
    throw invalidParameterValue(`Value (${traffic as string}) for parameter trafficType is invalid.`);
  if (intervalSeconds !== 60 && intervalSeconds !== 600) throw invalidParameter('Invalid Flow Log Max Aggregation Interval');
  const format = input.LogFormat ?? defaultFormat;
  fieldsOf(format);
  return {
    ...{ resourceType, traffic, format, intervalSeconds, destination: destinationFrom(request, input) },
    ...(input.LogDestination !== undefined && { destinationArn: input.LogDestination }),
  };
}

function resourceTypeOf({ ResourceType: type }: CreateInput): FlowLog['resourceType'] {
  if (type === 'VPC' || type === 'Subnet' || type === 'NetworkInterface') return type;
  if (['TransitGateway', 'TransitGatewayAttachment', 'RegionalNatGateway'].includes(type))
    throw notBuilt('CreateFlowLogs', `ResourceType ${type}`);
  throw invalidParameterValue(`Value (${type as string}) for parameter resourceType is invalid.`);
}

function destinationFrom({ region }: ServiceRequest, input: CreateInput): FlowLogDestination {
  const { LogDestinationType: type = 'cloud-watch-logs', LogDestination: given, LogGroupName: name, DestinationOptions: options } = input;
  const empty = (what: string): AwsError => invalidParameter(`${what} can't be empty if LogDestinationType is ${type}.`);
  if (given !== undefined && name !== undefined) throw invalidParameter('Please only provide LogGroupName or only provide LogDestination.');
  if (type !== 'cloud-watch-logs' && name !== undefined)
    throw invalidParameter('LogDestination type must be cloud-watch-logs if LogGroupName is provided.');
  if (type !== 'cloud-watch-logs' && given === undefined)
    throw invalidParameter("LogDestination can't be empty if LogGroupName is not provided.");
  if (type !== 'cloud-watch-logs' && input.DeliverLogsPermissionArn !== undefined)
    throw invalidParameter(`DeliverLogsPermissionArn is not applicable for ${type} delivery`);
  if (type !== 's3' && options) throw invalidParameter(`DestinationOptions is not applicable for ${type} delivery`);
  const arn = given === undefined ? undefined : parseArn(given);
  if (given !== undefined && !arn) throw invalidParameter(`LogDestination: ${given} is not a valid ARN.`);
  switch (type) {
    case 'cloud-watch-logs': {
      const group = name ?? /^log-group:([^:*]+)(?::\*)?$/.exec(arn?.service === 'logs' && arn.region === region ? arn.resource : '')?.[1];
      if (given !== undefined && group === undefined) throw invalidParameter(`LogDestination: ${given} is not a log group of ${region}.`);
      if (group === undefined) throw empty('LogGroupName');
      const role = input.DeliverLogsPermissionArn;
      if (role === undefined) throw empty('DeliverLogsPermissionArn');
      if (parseArn(role)?.service !== 'iam')
        throw invalidParameterValue(`Value (${role}) for parameter DeliverLogsPermissionArn is invalid.`);
      return { type, group, role };
    }
    case 's3': {
      if (options?.FileFormat === 'parquet') throw notBuilt('CreateFlowLogs', 'FileFormat parquet');
      const [bucket = '', ...folders] = arn!.service === 's3' ? arn!.resource.split('/') : [];
      if (bucket === '') throw invalidParameter(`LogDestination: ${given!} is not a bucket.`);
      const prefix = folders.filter((folder) => folder !== '').map((folder) => `${folder}/`);
      if (prefix.some((folder) => folder === 'AWSLogs/')) throw invalidParameter('LogDestination: AWSLogs is a reserved name.');
      const settings = { hive: options?.HiveCompatiblePartitions ?? false, perHour: options?.PerHourPartition ?? false };
      return { type, bucket, prefix: prefix.join(''), ...settings };
    }
    case 'kinesis-data-firehose':
      if (arn!.service !== 'firehose' || arn!.region !== region)
        throw invalidParameter(`LogDestination: ${given!} is not a delivery stream.`);
      return { type, stream: given! };
    default:
      throw invalidParameterValue(`Value (${type as string}) for parameter logDestinationType is invalid.`);
  }
}

type Fault = { Code: string; Message: string };

/** Buckets and delivery streams have to be there; log groups are made. */
async function missingDestination(request: ServiceRequest, destination: FlowLogDestination): Promise<Fault | undefined> {
  const { account, region } = request;
  const name = destination.type === 's3' ? destination.bucket : destination.type === 'kinesis-data-firehose' ? destination.stream : '';
  const service = { type: 'Service', account, arn: '', id: flowLogService, name: flowLogService, sourceAccount: account } as const;
  const aws = request.awsAs(service, { account, region, quiet: true });
  try {
    if (destination.type === 's3') await aws.s3('HeadBucket', { Bucket: name });
    if (destination.type === 'kinesis-data-firehose')
      await aws.firehose('DescribeDeliveryStream', { DeliveryStreamName: name.slice(name.lastIndexOf('/') + 1) });
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    // Somebody else's bucket may take records and not let itself be looked at.
    if (error.status === 403) return undefined;
    return { Code: '400', Message: `LogDestination: ${name} does not exist` };
  }
  return undefined;
}

async function vpcOf(tx: ReadTransaction, place: Place, type: FlowLog['resourceType'], id: string): Promise<string> {
  if (type === 'VPC') return (await requireResource(tx, place, vpcType, id)).id;
  if (type === 'Subnet') return (await requireResource(tx, place, subnetType, id)).vpc;
  return (await requireResource(tx, place, networkInterfaceType, id)).vpc;
}

async function checkPlace(tx: ReadTransaction, row: FlowLog): Promise<void> {
  const others = await resourcesBy(tx, row, flowLogType, 'resource', row.resource);
  const same = others.find((one) => one.traffic === row.traffic && destinationArnOf(one) === destinationArnOf(row));
  if (same) throw refusal('FlowLogAlreadyExists')(`Error. There is an existing Flow Log with the same configuration and log destination.`);
  if (others.length >= flowLogsPerResourceMax)
    throw limitExceeded('FlowLogsLimitExceeded', `The maximum number of flow logs for ${row.resource} has been reached.`);
}

type Shown = FlowLog & { failure?: string };

function flowLogOf(row: Shown) {
  const { destination, failure } = row;
  return {
    ...{ FlowLogId: row.id, ResourceId: row.resource, CreationTime: new Date(row.created), FlowLogStatus: 'ACTIVE' },
    ...{ TrafficType: row.traffic, LogFormat: row.format, MaxAggregationInterval: row.intervalSeconds },
    ...{ LogDestinationType: destination.type, LogDestination: destinationArnOf(row) },
    DeliverLogsStatus: failure === undefined ? 'SUCCESS' : 'FAILED',
    ...(failure !== undefined && { DeliverLogsErrorMessage: failure }),
    ...(destination.type === 'cloud-watch-logs' && { LogGroupName: destination.group, DeliverLogsPermissionArn: destination.role }),
    ...(destination.type === 's3' && {
      DestinationOptions: {
        ...{ FileFormat: 'plain-text' as const, HiveCompatiblePartitions: destination.hive, PerHourPartition: destination.perHour },
      },
    }),
    ...tagSet(row),
  };
}

const filters: Filters<Shown> = {
  'deliver-log-status': (row) => (row.failure === undefined ? 'SUCCESS' : 'FAILED'),
  'flow-log-id': (row) => row.id,
  'log-destination-type': (row) => row.destination.type,
  'log-group-name': (row) => (row.destination.type === 'cloud-watch-logs' ? row.destination.group : undefined),
  'resource-id': (row) => row.resource,
  'traffic-type': (row) => row.traffic,
};

export const DescribeFlowLogs: Operation<'DescribeFlowLogs'> = async (request, input) => {
  const page = { Filters: input.Filter, MaxResults: input.MaxResults, NextToken: input.NextToken };
  const { rows, next } = await describeWith(request, page, {
    ...{ type: flowLogType, ids: input.FlowLogIds, filters },
    complete: async (tx, row): Promise<Shown> => {
      const failure = await flowLogFailures.get(tx, row.id);
      return { ...row, ...(failure && { failure: failure.message }) };
    },
  });
  return { FlowLogs: rows.map(flowLogOf), ...next };
};

export const DeleteFlowLogs: Operation<'DeleteFlowLogs'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const { account, region } = request;
    const missing: string[] = [];
    for (const id of input.FlowLogIds) if (!(await flowLogs.get(tx, account, region, id))) missing.push(id);
    if (missing.length > 0)
      throw refusal('InvalidFlowLogId.NotFound')(
        `These flow log ids in the input list are not found: [TotalCount: ${missing.length}] ${missing.join(', ')}`,
      );
    for (const id of input.FlowLogIds) {
      await flowLogs.delete(tx, account, region, id);
      await flowLogFailures.delete(tx, id);
    }
  });
  return { Unsuccessful: [] };
};
