/** What joins a VPC with what is outside of it: elastic addresses, internet and NAT gateways. */

import {
  AllocateAddressCommand,
  AssociateAddressCommand,
  AttachInternetGatewayCommand,
  CreateEgressOnlyInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateNatGatewayCommand,
  DeleteEgressOnlyInternetGatewayCommand,
  DeleteInternetGatewayCommand,
  DeleteNatGatewayCommand,
  DescribeAddressesCommand,
  DescribeEgressOnlyInternetGatewaysCommand,
  DescribeInternetGatewaysCommand,
  DescribeNatGatewaysCommand,
  DetachInternetGatewayCommand,
  DisassociateAddressCommand,
  ReleaseAddressCommand,
  type Address,
  type AllocateAddressCommandOutput,
  type CreateEgressOnlyInternetGatewayCommandOutput,
  type CreateInternetGatewayCommandOutput,
  type CreateNatGatewayCommandOutput,
  type EgressOnlyInternetGateway,
  type InternetGateway,
  type NatGateway,
} from '@aws-sdk/client-ec2';
import { read } from '../resource/fields.ts';
import { timeText } from '../resource/format.ts';
import { ec2, nameOf, tagged, terraformTags } from './client.ts';
import { ec2Collection, freeAddressChoices, instanceChoices, only, subnetChoices, vpcChoices } from './ec2-collection.tsx';
import { IdLink } from './id-link.tsx';
import { messages } from './messages-gateways.ts';

type Keys = keyof (typeof messages)['en'];

export const addresses = ec2Collection<Address, Keys>({
  path: 'addresses',
  messages,
  ...{ title: 'addresses', emptyTitle: 'addressesEmpty', emptyText: 'addressesEmptyText' },
  load: async () => ({ items: (await ec2().send(new DescribeAddressesCommand({}))).Addresses ?? [] }),
  find: (id) =>
    only(
      ec2()
        .send(new DescribeAddressesCommand({ AllocationIds: [id] }))
        .then(({ Addresses }) => Addresses),
    ),
  idOf: ({ AllocationId }) => AllocationId!,
  columns: (t) => [
    { id: 'id', header: t.id, cell: ({ AllocationId }) => AllocationId! },
    { id: 'address', header: t.address, cell: ({ PublicIp }) => PublicIp! },
    { id: 'name', header: t.name, cell: nameOf },
    {
      id: 'instance',
      header: t.instance,
      cell: ({ InstanceId }) => <IdLink kind="instances" id={InstanceId} />,
      text: ({ InstanceId = '' }) => InstanceId,
    },
    { id: 'private', header: t.privateAddress, cell: ({ PrivateIpAddress }) => PrivateIpAddress ?? '' },
  ],
  create: {
    ...{ text: 'allocate', hint: 'allocateText' },
    fields: (t) => [{ name: 'name', kind: 'text', label: t.name }],
    actionsOf: (values) => {
      const name = read.text(values, 'name');
      return [
        {
          ...{ service: 'ec2', operation: 'AllocateAddress' },
          command: new AllocateAddressCommand({ Domain: 'vpc', ...tagged('elastic-ip', name) }),
          terraform: [{ type: 'aws_eip', name: name ?? 'this', body: { domain: 'vpc', tags: terraformTags(name) } }],
        },
      ];
    },
    made: ([output]) => (output as AllocateAddressCommandOutput).AllocationId,
  },
  deeds: [
    {
      ...{ id: 'associate', text: 'associate', hint: 'associateText' },
      when: ({ AssociationId }) => AssociationId === undefined,
      fields: async (_address, t) => [
        { name: 'instance', kind: 'select', label: t.instance, required: true, options: await instanceChoices() },
      ],
      actionsOf: ({ AllocationId }, values) => [
        {
          ...{ service: 'ec2', operation: 'AssociateAddress' },
          command: new AssociateAddressCommand({ AllocationId, InstanceId: read.text(values, 'instance') }),
        },
      ],
    },
    {
      ...{ id: 'disassociate', text: 'disassociate', hint: 'disassociateText' },
      when: ({ AssociationId }) => AssociationId !== undefined,
      actionsOf: ({ AssociationId }) => [
        { service: 'ec2', operation: 'DisassociateAddress', command: new DisassociateAddressCommand({ AssociationId }) },
      ],
    },
  ],
  remove: {
    actionOf: ({ AllocationId }) => ({
      ...{ service: 'ec2', operation: 'ReleaseAddress' },
      command: new ReleaseAddressCommand({ AllocationId }),
    }),
    warning: 'releaseWarning',
    allowed: ({ AssociationId }) => AssociationId === undefined,
  },
});

const vpcOf = ({ Attachments = [] }: InternetGateway): string | undefined => Attachments[0]?.VpcId;

export const internetGateways = ec2Collection<InternetGateway, Keys>({
  path: 'internet-gateways',
  messages,
  ...{ title: 'internetGateways', emptyTitle: 'internetGatewaysEmpty', emptyText: 'internetGatewaysEmptyText' },
  load: async (NextToken) => {
    const page = await ec2().send(new DescribeInternetGatewaysCommand({ MaxResults: 100, ...(NextToken && { NextToken }) }));
    return { items: page.InternetGateways ?? [], next: page.NextToken };
  },
  find: (id) =>
    only(
      ec2()
        .send(new DescribeInternetGatewaysCommand({ InternetGatewayIds: [id] }))
        .then(({ InternetGateways }) => InternetGateways),
    ),
  idOf: ({ InternetGatewayId }) => InternetGatewayId!,
  columns: (t) => [
    { id: 'id', header: t.id, cell: ({ InternetGatewayId }) => InternetGatewayId! },
    { id: 'name', header: t.name, cell: nameOf },
    { id: 'vpc', header: t.vpc, cell: (gateway) => <IdLink kind="vpcs" id={vpcOf(gateway)} />, text: (gateway) => vpcOf(gateway) ?? '' },
    { id: 'state', header: t.state, cell: ({ Attachments = [] }) => Attachments[0]?.State ?? 'detached' },
  ],
  create: {
    ...{ text: 'createInternetGateway', hint: 'createInternetGatewayText' },
    fields: (t) => [{ name: 'name', kind: 'text', label: t.name }],
    actionsOf: (values) => {
      const name = read.text(values, 'name');
      return [
        {
          ...{ service: 'ec2', operation: 'CreateInternetGateway' },
          command: new CreateInternetGatewayCommand(tagged('internet-gateway', name)),
          terraform: [{ type: 'aws_internet_gateway', name: name ?? 'this', body: { tags: terraformTags(name) } }],
        },
      ];
    },
    made: ([output]) => (output as CreateInternetGatewayCommandOutput).InternetGateway?.InternetGatewayId,
  },
  deeds: [
    {
      ...{ id: 'attach', text: 'attach', hint: 'attachText' },
      when: (gateway) => vpcOf(gateway) === undefined,
      fields: async (_gateway, t) => [{ name: 'vpc', kind: 'select', label: t.vpc, required: true, options: await vpcChoices() }],
      actionsOf: ({ InternetGatewayId }, values) => [
        {
          ...{ service: 'ec2', operation: 'AttachInternetGateway' },
          command: new AttachInternetGatewayCommand({ InternetGatewayId, VpcId: read.text(values, 'vpc') }),
        },
      ],
    },
    {
      ...{ id: 'detach', text: 'detach', hint: 'detachText' },
      when: (gateway) => vpcOf(gateway) !== undefined,
      actionsOf: (gateway) => [
        {
          ...{ service: 'ec2', operation: 'DetachInternetGateway' },
          command: new DetachInternetGatewayCommand({ InternetGatewayId: gateway.InternetGatewayId, VpcId: vpcOf(gateway) }),
        },
      ],
    },
  ],
  remove: {
    actionOf: ({ InternetGatewayId }) => ({
      ...{ service: 'ec2', operation: 'DeleteInternetGateway' },
      command: new DeleteInternetGatewayCommand({ InternetGatewayId }),
    }),
    warning: 'internetGatewayWarning',
    allowed: (gateway) => vpcOf(gateway) === undefined,
  },
});

const vpcOfEgress = ({ Attachments = [] }: EgressOnlyInternetGateway): string | undefined => Attachments[0]?.VpcId;

export const egressOnlyGateways = ec2Collection<EgressOnlyInternetGateway, Keys>({
  path: 'egress-only-gateways',
  messages,
  ...{ title: 'egressOnly', emptyTitle: 'egressOnlyEmpty', emptyText: 'egressOnlyEmptyText' },
  load: async (NextToken) => {
    const page = await ec2().send(new DescribeEgressOnlyInternetGatewaysCommand({ MaxResults: 100, ...(NextToken && { NextToken }) }));
    return { items: page.EgressOnlyInternetGateways ?? [], next: page.NextToken };
  },
  find: (id) =>
    only(
      ec2()
        .send(new DescribeEgressOnlyInternetGatewaysCommand({ EgressOnlyInternetGatewayIds: [id] }))
        .then(({ EgressOnlyInternetGateways }) => EgressOnlyInternetGateways),
    ),
  idOf: ({ EgressOnlyInternetGatewayId }) => EgressOnlyInternetGatewayId!,
  columns: (t) => [
    { id: 'id', header: t.id, cell: ({ EgressOnlyInternetGatewayId }) => EgressOnlyInternetGatewayId! },
    { id: 'name', header: t.name, cell: nameOf },
    {
      ...{ id: 'vpc', header: t.vpc, cell: (gateway) => <IdLink kind="vpcs" id={vpcOfEgress(gateway)} /> },
      text: (gateway) => vpcOfEgress(gateway) ?? '',
    },
    { id: 'state', header: t.state, cell: ({ Attachments = [] }) => Attachments[0]?.State ?? '' },
  ],
  create: {
    ...{ text: 'createEgressOnly', hint: 'createEgressOnlyText' },
    fields: async (t) => [
      { name: 'name', kind: 'text', label: t.name },
      { name: 'vpc', kind: 'select', label: t.vpc, required: true, options: await vpcChoices() },
    ],
    actionsOf: (values) => {
      const [name, VpcId] = [read.text(values, 'name'), read.text(values, 'vpc')];
      return [
        {
          ...{ service: 'ec2', operation: 'CreateEgressOnlyInternetGateway' },
          command: new CreateEgressOnlyInternetGatewayCommand({ VpcId, ...tagged('egress-only-internet-gateway', name) }),
          terraform: [
            { type: 'aws_egress_only_internet_gateway', name: name ?? 'this', body: { vpc_id: VpcId, tags: terraformTags(name) } },
          ],
        },
      ];
    },
    made: ([output]) => (output as CreateEgressOnlyInternetGatewayCommandOutput).EgressOnlyInternetGateway?.EgressOnlyInternetGatewayId,
  },
  remove: {
    actionOf: ({ EgressOnlyInternetGatewayId }) => ({
      ...{ service: 'ec2', operation: 'DeleteEgressOnlyInternetGateway' },
      command: new DeleteEgressOnlyInternetGatewayCommand({ EgressOnlyInternetGatewayId }),
    }),
    warning: 'internetGatewayWarning',
  },
});

export const natGateways = ec2Collection<NatGateway, Keys>({
  path: 'nat-gateways',
  messages,
  ...{ title: 'natGateways', emptyTitle: 'natGatewaysEmpty', emptyText: 'natGatewaysEmptyText' },
  load: async (NextToken) => {
    const page = await ec2().send(new DescribeNatGatewaysCommand({ MaxResults: 100, ...(NextToken && { NextToken }) }));
    return { items: page.NatGateways ?? [], next: page.NextToken };
  },
  find: (id) =>
    only(
      ec2()
        .send(new DescribeNatGatewaysCommand({ NatGatewayIds: [id] }))
        .then(({ NatGateways }) => NatGateways),
    ),
  idOf: ({ NatGatewayId }) => NatGatewayId!,
  settled: ({ State }) => State !== 'pending' && State !== 'deleting',
  columns: (t) => [
    { id: 'id', header: t.id, cell: ({ NatGatewayId }) => NatGatewayId! },
    { id: 'name', header: t.name, cell: nameOf },
    { id: 'state', header: t.state, cell: ({ State }) => State ?? '' },
    {
      id: 'address',
      header: t.address,
      cell: ({ NatGatewayAddresses = [] }) => NatGatewayAddresses.map(({ PublicIp }) => PublicIp).join(', '),
    },
    { id: 'kind', header: t.connectivity, cell: ({ ConnectivityType }) => ConnectivityType ?? '' },
    {
      id: 'subnet',
      header: t.subnet,
      cell: ({ SubnetId }) => <IdLink kind="subnets" id={SubnetId} />,
      text: ({ SubnetId = '' }) => SubnetId,
    },
    { id: 'created', header: t.created, cell: ({ CreateTime }) => timeText(CreateTime), text: ({ CreateTime }) => Number(CreateTime) },
  ],
  create: {
    ...{ text: 'createNatGateway', hint: 'createNatGatewayText' },
    fields: async (t) => {
      const [subnets, free] = await Promise.all([subnetChoices(), freeAddressChoices()]);
      return [
        { name: 'name', kind: 'text', label: t.name },
        { name: 'subnet', kind: 'select', label: t.subnet, required: true, options: subnets },
        {
          ...{ name: 'kind', kind: 'tiles', label: t.connectivity, required: true, initial: 'public' },
          options: [
            { value: 'public', label: t.natPublic, description: t.natPublicText },
            { value: 'private', label: t.natPrivate, description: t.natPrivateText },
          ],
        },
        {
          ...{ name: 'address', kind: 'select', label: t.addresses, description: t.natAddressText, required: true, options: free },
          visible: (values) => values['kind'] === 'public',
        },
      ];
    },
    actionsOf: (values) => {
      const [name, SubnetId, kind] = [read.text(values, 'name'), read.text(values, 'subnet'), read.text(values, 'kind')];
      const AllocationId = kind === 'public' ? read.text(values, 'address') : undefined;
      const ConnectivityType = kind as 'public' | 'private';
      const body = { subnet_id: SubnetId, allocation_id: AllocationId, connectivity_type: kind, tags: terraformTags(name) };
      return [
        {
          ...{ service: 'ec2', operation: 'CreateNatGateway' },
          command: new CreateNatGatewayCommand({ SubnetId, ConnectivityType, AllocationId, ...tagged('natgateway', name) }),
          terraform: [{ type: 'aws_nat_gateway', name: name ?? 'this', body }],
        },
      ];
    },
    made: ([output]) => (output as CreateNatGatewayCommandOutput).NatGateway?.NatGatewayId,
  },
  remove: {
    actionOf: ({ NatGatewayId }) => ({
      ...{ service: 'ec2', operation: 'DeleteNatGateway' },
      command: new DeleteNatGatewayCommand({ NatGatewayId }),
    }),
    warning: 'natGatewayWarning',
    allowed: ({ State }) => State !== 'deleted' && State !== 'deleting',
  },
});
