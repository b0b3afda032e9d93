/** How a VPC reaches services and other VPCs without the internet, and what is written down of its traffic. */

import {
  AcceptVpcPeeringConnectionCommand,
  CreateFlowLogsCommand,
  CreateVpcEndpointCommand,
  CreateVpcPeeringConnectionCommand,
  DeleteFlowLogsCommand,
  DeleteVpcEndpointsCommand,
  DeleteVpcPeeringConnectionCommand,
  DescribeFlowLogsCommand,
  DescribeVpcEndpointServicesCommand,
  DescribeVpcEndpointsCommand,
  DescribeVpcPeeringConnectionsCommand,
  type CreateFlowLogsCommandOutput,
  type CreateVpcEndpointCommandOutput,
  type CreateVpcPeeringConnectionCommandOutput,
  type FlowLog,
  type FlowLogsResourceType,
  type TrafficType,
  type VpcEndpoint,
  type VpcPeeringConnection,
} from '@aws-sdk/client-ec2';
import { read } from '../resource/fields.ts';
import { timeText } from '../resource/format.ts';
import { ec2, nameOf, tagged, terraformTags } from './client.ts';
import { ec2Collection, groupChoices, only, routeTableChoices, subnetChoices, vpcChoices } from './ec2-collection.tsx';
import { IdLink } from './id-link.tsx';
import { messages } from './messages-gateways.ts';

type Keys = keyof (typeof messages)['en'];

async function serviceChoices() {
  const { ServiceDetails = [] } = await ec2().send(new DescribeVpcEndpointServicesCommand({}));
  return ServiceDetails.map(({ ServiceName, ServiceType = [] }) => ({
    value: ServiceName!,
    description: ServiceType.map((one) => one.ServiceType).join(', '),
  }));
}

export const vpcEndpoints = ec2Collection<VpcEndpoint, Keys>({
  path: 'vpc-endpoints',
  messages,
  ...{ title: 'endpoints', emptyTitle: 'endpointsEmpty', emptyText: 'endpointsEmptyText' },
  load: async (NextToken) => {
    const page = await ec2().send(new DescribeVpcEndpointsCommand({ MaxResults: 100, ...(NextToken && { NextToken }) }));
    return { items: page.VpcEndpoints ?? [], next: page.NextToken };
  },
  find: (id) =>
    only(
      ec2()
        .send(new DescribeVpcEndpointsCommand({ VpcEndpointIds: [id] }))
        .then(({ VpcEndpoints }) => VpcEndpoints),
    ),
  idOf: ({ VpcEndpointId }) => VpcEndpointId!,
  settled: ({ State }) => State?.toLowerCase() !== 'pending' && State?.toLowerCase() !== 'deleting',
  columns: (t) => [
    { id: 'id', header: t.id, cell: ({ VpcEndpointId }) => VpcEndpointId! },
    { id: 'name', header: t.name, cell: nameOf },
    { id: 'service', header: t.service, width: 300, cell: ({ ServiceName }) => ServiceName ?? '' },
    { id: 'kind', header: t.kind, cell: ({ VpcEndpointType }) => VpcEndpointType ?? '' },
    { id: 'state', header: t.state, cell: ({ State }) => State ?? '' },
    { id: 'vpc', header: t.vpc, cell: ({ VpcId }) => <IdLink kind="vpcs" id={VpcId} />, text: ({ VpcId = '' }) => VpcId },
  ],
  facts: ({ RouteTableIds = [], SubnetIds = [], Groups = [], DnsEntries = [], CreationTimestamp }, t) => [
    { label: t.routeTables, value: RouteTableIds.join(', ') || '–' },
    { label: t.subnets, value: SubnetIds.join(', ') || '–' },
    { label: t.groups, value: Groups.map(({ GroupName, GroupId }) => `${GroupName} (${GroupId})`).join(', ') || '–' },
    { label: t.names, value: DnsEntries.map(({ DnsName }) => DnsName).join(', ') || '–' },
    { label: t.created, value: timeText(CreationTimestamp) },
  ],
  create: {
    ...{ text: 'createEndpoint', hint: 'createEndpointText' },
    fields: async (t) => {
      const [services, vpcs, tables, subnets, groups] = await Promise.all([
        ...[serviceChoices(), vpcChoices(), routeTableChoices(), subnetChoices(), groupChoices()],
      ]);
      const isGateway = { visible: (values: Readonly<Record<string, unknown>>) => values['kind'] === 'Gateway' };
      const isInterface = { visible: (values: Readonly<Record<string, unknown>>) => values['kind'] === 'Interface' };
      return [
        { name: 'name', kind: 'text', label: t.name },
        {
          ...{ name: 'kind', kind: 'tiles', label: t.kind, required: true, initial: 'Gateway' },
          options: [
            { value: 'Gateway', description: t.gatewayText },
            { value: 'Interface', description: t.interfaceText },
          ],
        },
        { name: 'service', kind: 'select', label: t.service, required: true, options: services! },
        { name: 'vpc', kind: 'select', label: t.vpc, required: true, options: vpcs! },
        { name: 'tables', kind: 'multiselect', label: t.routeTables, options: tables!, ...isGateway },
        { name: 'subnets', kind: 'multiselect', label: t.subnets, options: subnets!, ...isInterface },
        { name: 'groups', kind: 'multiselect', label: t.groups, options: groups!, ...isInterface },
      ];
    },
    actionsOf: (values) => {
      const [name, kind] = [read.text(values, 'name'), read.text(values, 'kind') as 'Gateway' | 'Interface'];
      const [ServiceName, VpcId] = [read.text(values, 'service'), read.text(values, 'vpc')];
      const gateway = kind === 'Gateway';
      const some = (field: string): string[] | undefined =>
        read.list(values, field).length > 0 ? [...read.list(values, field)] : undefined;
      const RouteTableIds = gateway ? some('tables') : undefined;
      const [SubnetIds, SecurityGroupIds] = gateway ? [] : [some('subnets'), some('groups')];
      const body = {
        ...{ vpc_id: VpcId, service_name: ServiceName, vpc_endpoint_type: kind, route_table_ids: RouteTableIds },
        ...{ subnet_ids: SubnetIds, security_group_ids: SecurityGroupIds, tags: terraformTags(name) },
      };
      const command = new CreateVpcEndpointCommand({
        ...{ VpcEndpointType: kind, ServiceName, VpcId, RouteTableIds, SubnetIds, SecurityGroupIds },
        ...tagged('vpc-endpoint', name),
      });
      return [
        {
          ...{ service: 'ec2', operation: 'CreateVpcEndpoint', command },
          terraform: [{ type: 'aws_vpc_endpoint', name: name ?? 'this', body }],
        },
      ];
    },
    made: ([output]) => (output as CreateVpcEndpointCommandOutput).VpcEndpoint?.VpcEndpointId,
  },
  remove: {
    actionOf: ({ VpcEndpointId }) => ({
      ...{ service: 'ec2', operation: 'DeleteVpcEndpoints' },
      command: new DeleteVpcEndpointsCommand({ VpcEndpointIds: [VpcEndpointId!] }),
    }),
    warning: 'endpointWarning',
  },
});

export const flowLogs = ec2Collection<FlowLog, Keys>({
  path: 'flow-logs',
  messages,
  ...{ title: 'flowLogs', emptyTitle: 'flowLogsEmpty', emptyText: 'flowLogsEmptyText' },
  load: async (NextToken) => {
    const page = await ec2().send(new DescribeFlowLogsCommand({ MaxResults: 100, ...(NextToken && { NextToken }) }));
    return { items: page.FlowLogs ?? [], next: page.NextToken };
  },
  find: (id) =>
    only(
      ec2()
        .send(new DescribeFlowLogsCommand({ FlowLogIds: [id] }))
        .then(({ FlowLogs }) => FlowLogs),
    ),
  idOf: ({ FlowLogId }) => FlowLogId!,
  columns: (t) => [
    { id: 'id', header: t.id, cell: ({ FlowLogId }) => FlowLogId! },
    { id: 'name', header: t.name, cell: nameOf },
    { id: 'of', header: t.flowsOf, width: 230, cell: ({ ResourceId }) => ResourceId ?? '' },
    { id: 'traffic', header: t.traffic, cell: ({ TrafficType: traffic }) => traffic ?? '' },
    {
      ...{ id: 'to', header: t.destination, width: 260 },
      cell: ({ LogDestination, LogGroupName }) => LogGroupName ?? LogDestination ?? '',
    },
    { id: 'status', header: t.delivery, cell: ({ DeliverLogsStatus, FlowLogStatus }) => DeliverLogsStatus ?? FlowLogStatus ?? '' },
    { id: 'interval', header: t.interval, cell: ({ MaxAggregationInterval }) => `${MaxAggregationInterval ?? 600} s`, hidden: true },
  ],
  facts: ({ LogFormat, DeliverLogsErrorMessage, CreationTime }, t) => [
    { label: t.format, value: LogFormat },
    { label: t.problem, value: DeliverLogsErrorMessage ?? '–' },
    { label: t.created, value: timeText(CreationTime) },
  ],
  create: {
    ...{ text: 'createFlowLog', hint: 'createFlowLogText' },
    fields: async (t) => {
      const [vpcs, subnets] = await Promise.all([vpcChoices(), subnetChoices()]);
      return [
        { name: 'name', kind: 'text', label: t.name },
        { name: 'of', kind: 'select', label: t.flowsOf, required: true, options: [...vpcs, ...subnets] },
        {
          ...{ name: 'traffic', kind: 'tiles', label: t.traffic, required: true, initial: 'ALL' },
          options: [
            { value: 'ALL', label: t.trafficAll },
            { value: 'ACCEPT', label: t.trafficAccept },
            { value: 'REJECT', label: t.trafficReject },
          ],
        },
        {
          ...{ name: 'interval', kind: 'select', label: t.interval, required: true, initial: '600' },
          options: [
            { value: '60', label: '60 s' },
            { value: '600', label: '600 s' },
          ],
        },
        {
          ...{ name: 'to', kind: 'text', label: t.destination, description: t.destinationHint, required: true },
          placeholder: 'arn:aws:s3:::my-flow-logs',
          check: (value) => (/^arn:aws:(s3|firehose):/.test(value) ? undefined : t.destinationFault),
        },
      ];
    },
    actionsOf: (values) => {
      const [name, of = '', to = ''] = [read.text(values, 'name'), read.text(values, 'of'), read.text(values, 'to')];
      const ResourceType: FlowLogsResourceType = of.startsWith('subnet-') ? 'Subnet' : 'VPC';
      const [traffic, MaxAggregationInterval] = [read.text(values, 'traffic'), read.number(values, 'interval')];
      const kind = to.startsWith('arn:aws:firehose:') ? 'kinesis-data-firehose' : 's3';
      const body = {
        ...{ [ResourceType === 'VPC' ? 'vpc_id' : 'subnet_id']: of, traffic_type: traffic, log_destination: to },
        ...{ log_destination_type: kind, max_aggregation_interval: MaxAggregationInterval, tags: terraformTags(name) },
      };
      const command = new CreateFlowLogsCommand({
        ...{ ResourceIds: [of], ResourceType, TrafficType: traffic as TrafficType, MaxAggregationInterval },
        ...{ LogDestinationType: kind, LogDestination: to, ...tagged('vpc-flow-log', name) },
      });
      return [{ service: 'ec2', operation: 'CreateFlowLogs', command, terraform: [{ type: 'aws_flow_log', name: name ?? 'this', body }] }];
    },
    made: ([output]) => (output as CreateFlowLogsCommandOutput).FlowLogIds?.[0],
  },
  remove: {
    actionOf: ({ FlowLogId }) => ({
      ...{ service: 'ec2', operation: 'DeleteFlowLogs' },
      command: new DeleteFlowLogsCommand({ FlowLogIds: [FlowLogId!] }),
    }),
    warning: 'flowLogWarning',
  },
});

export const peerings = ec2Collection<VpcPeeringConnection, Keys>({
  path: 'peering-connections',
  messages,
  ...{ title: 'peerings', emptyTitle: 'peeringsEmpty', emptyText: 'peeringsEmptyText' },
  load: async (NextToken) => {
    const page = await ec2().send(new DescribeVpcPeeringConnectionsCommand({ MaxResults: 100, ...(NextToken && { NextToken }) }));
    return { items: page.VpcPeeringConnections ?? [], next: page.NextToken };
  },
  find: (id) =>
    only(
      ec2()
        .send(new DescribeVpcPeeringConnectionsCommand({ VpcPeeringConnectionIds: [id] }))
        .then(({ VpcPeeringConnections }) => VpcPeeringConnections),
    ),
  idOf: ({ VpcPeeringConnectionId }) => VpcPeeringConnectionId!,
  columns: (t) => [
    { id: 'id', header: t.id, cell: ({ VpcPeeringConnectionId }) => VpcPeeringConnectionId! },
    { id: 'name', header: t.name, cell: nameOf },
    { id: 'status', header: t.state, cell: ({ Status }) => Status?.Message ?? Status?.Code ?? '' },
    { id: 'from', header: t.requester, width: 280, cell: ({ RequesterVpcInfo: from }) => `${from?.VpcId} · ${from?.CidrBlock ?? ''}` },
    {
      id: 'to',
      header: t.accepter,
      width: 280,
      cell: ({ AccepterVpcInfo: to }) => `${to?.VpcId} · ${to?.OwnerId} · ${to?.CidrBlock ?? ''}`,
    },
  ],
  create: {
    ...{ text: 'createPeering', hint: 'createPeeringText' },
    fields: async (t) => {
      const vpcs = await vpcChoices();
      return [
        { name: 'name', kind: 'text', label: t.name },
        { name: 'from', kind: 'select', label: t.requester, required: true, options: vpcs },
        {
          ...{ name: 'to', kind: 'text', label: t.accepter, description: t.accepterHint, required: true, placeholder: 'vpc-' },
          check: (value) => (/^vpc-[0-9a-f]+$/.test(value) ? undefined : t.accepterFault),
        },
        {
          ...{ name: 'owner', kind: 'text', label: t.accepterOwner, description: t.accepterOwnerHint },
          check: (value) => (value === '' || /^\d{12}$/.test(value) ? undefined : t.ownerFault),
        },
      ];
    },
    actionsOf: (values) => {
      const name = read.text(values, 'name');
      const [VpcId, PeerVpcId, PeerOwnerId] = [read.text(values, 'from'), read.text(values, 'to'), read.text(values, 'owner')];
      const body = { vpc_id: VpcId, peer_vpc_id: PeerVpcId, peer_owner_id: PeerOwnerId, tags: terraformTags(name) };
      return [
        {
          ...{ service: 'ec2', operation: 'CreateVpcPeeringConnection' },
          command: new CreateVpcPeeringConnectionCommand({ VpcId, PeerVpcId, PeerOwnerId, ...tagged('vpc-peering-connection', name) }),
          terraform: [{ type: 'aws_vpc_peering_connection', name: name ?? 'this', body }],
        },
      ];
    },
    made: ([output]) => (output as CreateVpcPeeringConnectionCommandOutput).VpcPeeringConnection?.VpcPeeringConnectionId,
  },
  deeds: [
    {
      ...{ id: 'accept', text: 'accept', hint: 'acceptText' },
      when: ({ Status }) => Status?.Code === 'pending-acceptance',
      actionsOf: ({ VpcPeeringConnectionId }) => [
        {
          ...{ service: 'ec2', operation: 'AcceptVpcPeeringConnection' },
          command: new AcceptVpcPeeringConnectionCommand({ VpcPeeringConnectionId }),
        },
      ],
    },
  ],
  remove: {
    actionOf: ({ VpcPeeringConnectionId }) => ({
      ...{ service: 'ec2', operation: 'DeleteVpcPeeringConnection' },
      command: new DeleteVpcPeeringConnectionCommand({ VpcPeeringConnectionId }),
    }),
    warning: 'peeringWarning',
    allowed: ({ Status }) => Status?.Code !== 'deleted',
  },
});
