/** Route tables, gateways, elastic addresses, NAT gateways and peering connections, through the SDK. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import type { LiveCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
import { abroad, ec2Of, home, startSimulated, userWith } from './cast.ts';

let cloud: LiveCloud;
let ec2: Ec2.EC2Client;
before(async () => {
  cloud = await startSimulated();
  ec2 = ec2Of(cloud);
});
after(() => cloud.close());

const makeVpc = async (CidrBlock: string, client = ec2): Promise<string> =>
  (await client.send(new Ec2.CreateVpcCommand({ CidrBlock }))).Vpc!.VpcId!;
const makeSubnet = async (VpcId: string, CidrBlock: string): Promise<string> =>
  (await ec2.send(new Ec2.CreateSubnetCommand({ VpcId, CidrBlock }))).Subnet!.SubnetId!;
const makeGateway = async (VpcId: string): Promise<string> => {
  const { InternetGateway } = await ec2.send(new Ec2.CreateInternetGatewayCommand({}));
  const InternetGatewayId = InternetGateway!.InternetGatewayId!;
  await ec2.send(new Ec2.AttachInternetGatewayCommand({ InternetGatewayId, VpcId }));
  return InternetGatewayId;
};
const tableOf = async (id: string): Promise<Ec2.RouteTable> =>
  (await ec2.send(new Ec2.DescribeRouteTablesCommand({ RouteTableIds: [id] }))).RouteTables![0]!;

test('a route table serves subnets, and a route whose target is gone is a blackhole', async () => {
  const VpcId = await makeVpc('10.0.0.0/16');
  const SubnetId = await makeSubnet(VpcId, '10.0.1.0/24');
  const InternetGatewayId = await makeGateway(VpcId);
  const { RouteTable } = await ec2.send(new Ec2.CreateRouteTableCommand({ VpcId }));
  const RouteTableId = RouteTable!.RouteTableId!;
  assert.deepEqual(
    RouteTable!.Routes!.map((route) => [route.DestinationCidrBlock, route.GatewayId]),
    [['10.0.0.0/16', 'local']],
  );
  const all = { RouteTableId, DestinationCidrBlock: '0.0.0.0/0' };
  await ec2.send(new Ec2.CreateRouteCommand({ ...all, GatewayId: InternetGatewayId }));
  await refused(ec2.send(new Ec2.CreateRouteCommand({ ...all, GatewayId: InternetGatewayId })), 'RouteAlreadyExists');
  await refused(ec2.send(new Ec2.CreateRouteCommand(all)), 'InvalidParameterCombination');
  await refused(ec2.send(new Ec2.DeleteRouteCommand({ RouteTableId, DestinationCidrBlock: '10.0.0.0/16' })), 'InvalidParameterValue');
  const { AssociationId } = await ec2.send(new Ec2.AssociateRouteTableCommand({ RouteTableId, SubnetId }));
  assert.deepEqual(
    (await tableOf(RouteTableId)).Associations!.map((one) => [one.Main, one.SubnetId]),
    [[false, SubnetId]],
  );
  await refused(ec2.send(new Ec2.DeleteRouteTableCommand({ RouteTableId })), 'DependencyViolation');

  await ec2.send(new Ec2.DetachInternetGatewayCommand({ InternetGatewayId, VpcId }));
  assert.equal((await tableOf(RouteTableId)).Routes!.find((route) => route.GatewayId === InternetGatewayId)!.State, 'blackhole');
  await refused(ec2.send(new Ec2.DetachInternetGatewayCommand({ InternetGatewayId, VpcId })), 'Gateway.NotAttached');
  await ec2.send(new Ec2.DeleteInternetGatewayCommand({ InternetGatewayId }));
  const { InternetGateways } = await ec2.send(
    new Ec2.DescribeInternetGatewaysCommand({ Filters: [{ Name: 'attachment.vpc-id', Values: [VpcId] }] }),
  );
  assert.deepEqual(InternetGateways, []);

  const port = await ec2.send(new Ec2.CreateNetworkInterfaceCommand({ SubnetId }));
  await ec2.send(new Ec2.ReplaceRouteCommand({ ...all, NetworkInterfaceId: port.NetworkInterface!.NetworkInterfaceId! }));
  await ec2.send(new Ec2.DeleteRouteCommand(all));
  await refused(ec2.send(new Ec2.DeleteRouteCommand(all)), 'InvalidRoute.NotFound');

  const Filters = [
    { Name: 'vpc-id', Values: [VpcId] },
    { Name: 'association.main', Values: ['true'] },
  ];
  const main = (await ec2.send(new Ec2.DescribeRouteTablesCommand({ Filters }))).RouteTables![0]!;
  await refused(
    ec2.send(new Ec2.DisassociateRouteTableCommand({ AssociationId: main.Associations![0]!.RouteTableAssociationId! })),
    'InvalidParameterValue',
  );
  await ec2.send(new Ec2.DisassociateRouteTableCommand({ AssociationId: AssociationId! }));
  const replaced = await ec2.send(
    new Ec2.ReplaceRouteTableAssociationCommand({ AssociationId: main.Associations![0]!.RouteTableAssociationId!, RouteTableId }),
  );
  assert.equal((await tableOf(RouteTableId)).Associations![0]!.RouteTableAssociationId, replaced.NewAssociationId);
  await ec2.send(new Ec2.DeleteRouteTableCommand({ RouteTableId: main.RouteTableId! }));
});

test('elastic addresses move between interfaces and go back', async () => {
  const VpcId = await makeVpc('10.1.0.0/16');
  const SubnetId = await makeSubnet(VpcId, '10.1.1.0/24');
  const make = async (): Promise<string> =>
    (await ec2.send(new Ec2.CreateNetworkInterfaceCommand({ SubnetId }))).NetworkInterface!.NetworkInterfaceId!;
  const [one, two] = [await make(), await make()];
  const { AllocationId, PublicIp } = await ec2.send(new Ec2.AllocateAddressCommand({ Domain: 'vpc' }));
  assert.match(PublicIp!, /^100\.64\./);
  await refused(ec2.send(new Ec2.AssociateAddressCommand({ AllocationId, NetworkInterfaceId: one })), 'Gateway.NotAttached');
  const InternetGatewayId = await makeGateway(VpcId);
  await ec2.send(new Ec2.AssociateAddressCommand({ AllocationId, NetworkInterfaceId: one }));
  await refused(ec2.send(new Ec2.DetachInternetGatewayCommand({ InternetGatewayId, VpcId })), 'DependencyViolation');
  await refused(ec2.send(new Ec2.ReleaseAddressCommand({ AllocationId })), 'InvalidIPAddress.InUse');
  await refused(ec2.send(new Ec2.AssociateAddressCommand({ AllocationId, NetworkInterfaceId: two })), 'Resource.AlreadyAssociated');
  const moved = await ec2.send(new Ec2.AssociateAddressCommand({ AllocationId, NetworkInterfaceId: two, AllowReassociation: true }));
  const shown = (await ec2.send(new Ec2.DescribeAddressesCommand({ PublicIps: [PublicIp!] }))).Addresses![0]!;
  assert.deepEqual([shown.NetworkInterfaceId, shown.AssociationId], [two, moved.AssociationId]);
  const { NetworkInterfaces } = await ec2.send(
    new Ec2.DescribeNetworkInterfacesCommand({ Filters: [{ Name: 'association.public-ip', Values: [PublicIp!] }] }),
  );
  assert.deepEqual(
    NetworkInterfaces!.map((row) => [row.NetworkInterfaceId, row.Association!.IpOwnerId]),
    [[two, home]],
  );
  await ec2.send(new Ec2.DeleteNetworkInterfaceCommand({ NetworkInterfaceId: one }));
  await ec2.send(new Ec2.DisassociateAddressCommand({ AssociationId: moved.AssociationId! }));
  assert.deepEqual(
    (await ec2.send(new Ec2.DescribeAddressesAttributeCommand({ AllocationIds: [AllocationId!] }))).Addresses!.map((row) => row.PublicIp),
    [PublicIp],
  );
  await ec2.send(new Ec2.ReleaseAddressCommand({ AllocationId }));
  await refused(ec2.send(new Ec2.DescribeAddressesCommand({ AllocationIds: [AllocationId!] })), 'InvalidAllocationID.NotFound');
});

test('a NAT gateway comes, holds its address, and goes', async () => {
  const VpcId = await makeVpc('10.2.0.0/16');
  const SubnetId = await makeSubnet(VpcId, '10.2.1.0/24');
  const { AllocationId } = await ec2.send(new Ec2.AllocateAddressCommand({}));
  await refused(ec2.send(new Ec2.CreateNatGatewayCommand({ SubnetId, AllocationId })), 'Gateway.NotAttached');
  await makeGateway(VpcId);
  const { NatGateway } = await ec2.send(new Ec2.CreateNatGatewayCommand({ SubnetId, AllocationId }));
  assert.equal(NatGateway!.State, 'pending');
  await cloud.cloud.settled();
  const describe = async (): Promise<Ec2.NatGateway> =>
    (await ec2.send(new Ec2.DescribeNatGatewaysCommand({ NatGatewayIds: [NatGateway!.NatGatewayId!] }))).NatGateways![0]!;
  assert.equal((await describe()).State, 'available');
  await refused(ec2.send(new Ec2.DeleteSubnetCommand({ SubnetId })), 'DependencyViolation');
  const { NetworkInterfaceId, AssociationId } = (await describe()).NatGatewayAddresses![0]!;
  await refused(ec2.send(new Ec2.DeleteNetworkInterfaceCommand({ NetworkInterfaceId: NetworkInterfaceId! })), 'OperationNotPermitted');
  await refused(ec2.send(new Ec2.DisassociateAddressCommand({ AssociationId: AssociationId! })), 'OperationNotPermitted');
  await ec2.send(new Ec2.DeleteNatGatewayCommand({ NatGatewayId: NatGateway!.NatGatewayId! }));
  await cloud.cloud.settled();
  assert.equal((await describe()).State, 'deleted');
  await ec2.send(new Ec2.ReleaseAddressCommand({ AllocationId }));
  await ec2.send(new Ec2.DeleteSubnetCommand({ SubnetId }));
  await cloud.advance(3_600_000);
  await refused(describe(), 'NatGatewayNotFound');
});

test('the first address of a NAT gateway is none of the further ones that are asked for', async () => {
  const SubnetId = await makeSubnet(await makeVpc('10.43.0.0/16'), '10.43.1.0/28');
  const SecondaryPrivateIpAddresses = [4, 5, 6, 7, 8, 9, 10].map((last) => `10.43.1.${last}`);
  for (const last of [11, 12, 14]) await ec2.send(new Ec2.CreateNetworkInterfaceCommand({ SubnetId, PrivateIpAddress: `10.43.1.${last}` }));
  const wanted = { SubnetId, ConnectivityType: 'private', SecondaryPrivateIpAddresses } as const;
  const { NatGateway } = await ec2.send(new Ec2.CreateNatGatewayCommand(wanted));
  assert.equal(NatGateway!.NatGatewayAddresses![0]!.PrivateIp, '10.43.1.13');
});

test('NAT gateways are given further addresses and lose them: elastic ones where they are public, private ones where not', async () => {
  const VpcId = await makeVpc('10.41.0.0/16');
  const SubnetId = await makeSubnet(VpcId, '10.41.1.0/24');
  await makeGateway(VpcId);
  const allocate = async () => (await ec2.send(new Ec2.AllocateAddressCommand({}))).AllocationId!;
  const [first, second, third] = [await allocate(), await allocate(), await allocate()];
  const given = { SubnetId, AllocationId: first, SecondaryAllocationIds: [second], SecondaryPrivateIpAddresses: ['10.41.1.77'] };
  const { NatGateway } = await ec2.send(new Ec2.CreateNatGatewayCommand(given));
  const NatGatewayId = NatGateway!.NatGatewayId!;
  const more = { NatGatewayId, AllocationIds: [third] };
  await cloud.cloud.settled();
  const { NatGatewayAddresses } = await ec2.send(new Ec2.AssociateNatGatewayAddressCommand(more));
  assert.deepEqual(
    NatGatewayAddresses!.map((one) => [one.AllocationId, one.IsPrimary, one.Status]),
    [
      [first, true, 'succeeded'],
      [second, false, 'succeeded'],
      [third, false, 'succeeded'],
    ],
  );
  assert.equal(NatGatewayAddresses![1]!.PrivateIp, '10.41.1.77');
  await refused(ec2.send(new Ec2.AssociateNatGatewayAddressCommand(more)), 'InvalidAllocationID.InUse');
  await refused(
    ec2.send(new Ec2.AssignPrivateNatGatewayAddressCommand({ NatGatewayId, PrivateIpAddressCount: 1 })),
    'InvalidParameterValue',
  );
  const [primary, , last] = NatGatewayAddresses!.map((one) => one.AssociationId!);
  const disassociate = (id: string) => ec2.send(new Ec2.DisassociateNatGatewayAddressCommand({ NatGatewayId, AssociationIds: [id] }));
  await refused(disassociate(primary!), 'InvalidParameterValue');
  await disassociate(last!);
  await refused(disassociate(last!), 'InvalidAssociationID.NotFound');
  await ec2.send(new Ec2.ReleaseAddressCommand({ AllocationId: third }));
  await refused(ec2.send(new Ec2.ReleaseAddressCommand({ AllocationId: second })), 'InvalidIPAddress.InUse');
  await ec2.send(new Ec2.DeleteNatGatewayCommand({ NatGatewayId }));
  await refused(ec2.send(new Ec2.AssociateNatGatewayAddressCommand(more)), 'IncorrectState');
  await cloud.cloud.settled();
  const own = ['natgateway/*', `subnet/${SubnetId}`, `elastic-ip/${first}`].map((name) => `arn:aws:ec2:*:*:${name}`);
  const other = await userWith(cloud, 'nat-maker', { Action: 'ec2:CreateNatGateway', Resource: own });
  await refused(other.send(new Ec2.CreateNatGatewayCommand(given)), 'UnauthorizedOperation');
  for (const AllocationId of [first, second]) await ec2.send(new Ec2.ReleaseAddressCommand({ AllocationId }));

  const hidden = { SubnetId, ConnectivityType: 'private' as const, SecondaryPrivateIpAddressCount: 2 };
  const made = await ec2.send(new Ec2.CreateNatGatewayCommand(hidden));
  const id = made.NatGateway!.NatGatewayId!;
  await cloud.cloud.settled();
  const taken = new Set(made.NatGateway!.NatGatewayAddresses!.map(({ PrivateIp }) => PrivateIp));
  const PrivateIpAddresses = [[96, 97, 98, 99].map((last) => `10.41.1.${last}`).find((address) => !taken.has(address))!];
  const assigned = await ec2.send(new Ec2.AssignPrivateNatGatewayAddressCommand({ NatGatewayId: id, PrivateIpAddresses }));
  assert.equal(assigned.NatGatewayAddresses!.length, 4);
  await ec2.send(new Ec2.UnassignPrivateNatGatewayAddressCommand({ NatGatewayId: id, PrivateIpAddresses }));
  await refused(
    ec2.send(new Ec2.UnassignPrivateNatGatewayAddressCommand({ NatGatewayId: id, PrivateIpAddresses })),
    'InvalidParameterValue',
  );
  await refused(
    ec2.send(new Ec2.AssignPrivateNatGatewayAddressCommand({ NatGatewayId: id, PrivateIpAddressCount: 6 })),
    'NatGatewayAddressLimitExceeded',
  );
  await ec2.send(new Ec2.DeleteNatGatewayCommand({ NatGatewayId: id }));
  await cloud.cloud.settled();
});

test('an elastic address is offered to another account, which has seven days to take it', async () => {
  const theirs = ec2Of(cloud, abroad);
  const { AllocationId = '', PublicIp = '' } = await ec2.send(new Ec2.AllocateAddressCommand({}));
  const offer = { AllocationId, TransferAccountId: abroad };
  const { AddressTransfer } = await ec2.send(new Ec2.EnableAddressTransferCommand(offer));
  assert.deepEqual([AddressTransfer!.AddressTransferStatus, AddressTransfer!.PublicIp], ['pending', PublicIp]);
  await ec2.send(new Ec2.DisableAddressTransferCommand({ AllocationId }));
  await refused(ec2.send(new Ec2.DisableAddressTransferCommand({ AllocationId })), 'InvalidTransfer.NotFound');
  await refused(theirs.send(new Ec2.AcceptAddressTransferCommand({ Address: PublicIp })), 'InvalidTransfer.NotFound');
  await ec2.send(new Ec2.EnableAddressTransferCommand(offer));
  await cloud.advance(7 * 86_400_000);
  await refused(theirs.send(new Ec2.AcceptAddressTransferCommand({ Address: PublicIp })), 'InvalidTransfer.NotFound');
  assert.deepEqual((await ec2.send(new Ec2.DescribeAddressTransfersCommand({}))).AddressTransfers, []);
  await ec2.send(new Ec2.EnableAddressTransferCommand(offer));
  const Tags = [{ Key: 'Name', Value: 'moved' }];
  const taken = await theirs.send(
    new Ec2.AcceptAddressTransferCommand({ Address: PublicIp, TagSpecifications: [{ ResourceType: 'elastic-ip', Tags }] }),
  );
  assert.equal(taken.AddressTransfer!.AddressTransferStatus, 'accepted');
  const { Addresses } = await theirs.send(new Ec2.DescribeAddressesCommand({ PublicIps: [PublicIp] }));
  assert.deepEqual([Addresses![0]!.AllocationId, Addresses![0]!.Tags], [taken.AddressTransfer!.AllocationId, Tags]);
  await refused(ec2.send(new Ec2.DescribeAddressesCommand({ AllocationIds: [AllocationId] })), 'InvalidAllocationID.NotFound');
  const { AddressTransfers } = await ec2.send(new Ec2.DescribeAddressTransfersCommand({}));
  assert.deepEqual(
    AddressTransfers!.map((one) => [one.AllocationId, one.AddressTransferStatus]),
    [[AllocationId, 'accepted']],
  );
  await theirs.send(new Ec2.ReleaseAddressCommand({ AllocationId: Addresses![0]!.AllocationId }));
});

test('a peering between accounts is asked for, accepted and ended', async () => {
  const theirs = ec2Of(cloud, abroad);
  const VpcId = await makeVpc('10.3.0.0/16');
  const PeerVpcId = await makeVpc('10.4.0.0/16', theirs);
  const asked = await ec2.send(new Ec2.CreateVpcPeeringConnectionCommand({ VpcId, PeerVpcId, PeerOwnerId: abroad }));
  const id = asked.VpcPeeringConnection!.VpcPeeringConnectionId!;
  assert.equal(asked.VpcPeeringConnection!.Status!.Code, 'pending-acceptance');
  await refused(ec2.send(new Ec2.AcceptVpcPeeringConnectionCommand({ VpcPeeringConnectionId: id })), 'OperationNotPermitted');
  await theirs.send(new Ec2.AcceptVpcPeeringConnectionCommand({ VpcPeeringConnectionId: id }));
  const modified = await ec2.send(
    new Ec2.ModifyVpcPeeringConnectionOptionsCommand({
      VpcPeeringConnectionId: id,
      RequesterPeeringConnectionOptions: { AllowDnsResolutionFromRemoteVpc: true },
    }),
  );
  assert.equal(modified.RequesterPeeringConnectionOptions!.AllowDnsResolutionFromRemoteVpc, true);
  const main = (await ec2.send(new Ec2.DescribeRouteTablesCommand({ Filters: [{ Name: 'vpc-id', Values: [VpcId] }] }))).RouteTables![0]!;
  await ec2.send(
    new Ec2.CreateRouteCommand({ RouteTableId: main.RouteTableId!, DestinationCidrBlock: '10.4.0.0/16', VpcPeeringConnectionId: id }),
  );
  assert.equal((await tableOf(main.RouteTableId!)).Routes![1]!.State, 'active');
  await refused(theirs.send(new Ec2.DeleteVpcCommand({ VpcId: PeerVpcId })), 'DependencyViolation');
  await theirs.send(new Ec2.DeleteVpcPeeringConnectionCommand({ VpcPeeringConnectionId: id }));
  assert.equal((await tableOf(main.RouteTableId!)).Routes![1]!.State, 'blackhole');

  const again = await ec2.send(new Ec2.CreateVpcPeeringConnectionCommand({ VpcId, PeerVpcId, PeerOwnerId: abroad }));
  const VpcPeeringConnectionId = again.VpcPeeringConnection!.VpcPeeringConnectionId!;
  await theirs.send(new Ec2.RejectVpcPeeringConnectionCommand({ VpcPeeringConnectionId }));
  const { VpcPeeringConnections } = await ec2.send(
    new Ec2.DescribeVpcPeeringConnectionsCommand({ VpcPeeringConnectionIds: [VpcPeeringConnectionId] }),
  );
  assert.deepEqual(VpcPeeringConnections![0]!.Status, { Code: 'rejected', Message: `Rejected by ${abroad}` });
  const clash = await makeVpc('10.3.128.0/17', theirs);
  const failed = await ec2.send(new Ec2.CreateVpcPeeringConnectionCommand({ VpcId, PeerVpcId: clash, PeerOwnerId: abroad }));
  assert.equal(failed.VpcPeeringConnection!.Status!.Code, 'failed');
});

test('interfaces change while they are there', async () => {
  const VpcId = await makeVpc('10.5.0.0/16');
  const SubnetId = await makeSubnet(VpcId, '10.5.1.0/24');
  const { GroupId } = await ec2.send(new Ec2.CreateSecurityGroupCommand({ VpcId, GroupName: 'g', Description: 'g' }));
  const made = await ec2.send(new Ec2.CreateNetworkInterfaceCommand({ SubnetId }));
  const NetworkInterfaceId = made.NetworkInterface!.NetworkInterfaceId!;
  await ec2.send(new Ec2.ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, Groups: [GroupId!] }));
  await ec2.send(new Ec2.ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, SourceDestCheck: { Value: false } }));
  const groups = await ec2.send(new Ec2.DescribeNetworkInterfaceAttributeCommand({ NetworkInterfaceId, Attribute: 'groupSet' }));
  assert.deepEqual(groups.Groups, [{ GroupId, GroupName: 'g' }]);
  await refused(ec2.send(new Ec2.DeleteSecurityGroupCommand({ GroupId })), 'DependencyViolation');
  await ec2.send(new Ec2.ResetNetworkInterfaceAttributeCommand({ NetworkInterfaceId, SourceDestCheck: 'x' }));
  await ec2.send(new Ec2.AssignPrivateIpAddressesCommand({ NetworkInterfaceId, PrivateIpAddresses: ['10.5.1.77'] }));
  await refused(
    ec2.send(new Ec2.AssignPrivateIpAddressesCommand({ NetworkInterfaceId, PrivateIpAddresses: ['10.5.1.77'] })),
    'InvalidIPAddress.InUse',
  );
  await ec2.send(new Ec2.UnassignPrivateIpAddressesCommand({ NetworkInterfaceId, PrivateIpAddresses: ['10.5.1.77'] }));
  await refused(
    ec2.send(
      new Ec2.UnassignPrivateIpAddressesCommand({ NetworkInterfaceId, PrivateIpAddresses: [made.NetworkInterface!.PrivateIpAddress!] }),
    ),
    'InvalidParameterValue',
  );
  await refused(
    ec2.send(new Ec2.DetachNetworkInterfaceCommand({ AttachmentId: 'eni-attach-00000000000000000' })),
    'InvalidAttachmentID.NotFound',
  );
});

test('a virtual private gateway is attached to a VPC, whose route tables may take routes from it', async () => {
  const VpcId = await makeVpc('10.40.0.0/16');
  const { RouteTable } = await ec2.send(new Ec2.CreateRouteTableCommand({ VpcId }));
  const RouteTableId = RouteTable!.RouteTableId!;
  const Tags = [{ Key: 'Name', Value: 'office' }];
  const made = await ec2.send(
    new Ec2.CreateVpnGatewayCommand({ Type: 'ipsec.1', TagSpecifications: [{ ResourceType: 'vpn-gateway', Tags }] }),
  );
  const { VpnGatewayId = '', AmazonSideAsn } = made.VpnGateway!;
  assert.equal(AmazonSideAsn, 64_512);
  await refused(ec2.send(new Ec2.CreateVpnGatewayCommand({ Type: 'ipsec.1', AmazonSideAsn: 7 })), 'InvalidParameterValue');
  const propagation = { GatewayId: VpnGatewayId, RouteTableId };
  await refused(ec2.send(new Ec2.EnableVgwRoutePropagationCommand(propagation)), 'Gateway.NotAttached');
  await ec2.send(new Ec2.AttachVpnGatewayCommand({ VpnGatewayId, VpcId }));
  const Filters = [
    { Name: 'attachment.vpc-id', Values: [VpcId] },
    { Name: 'attachment.state', Values: ['attached'] },
  ];
  const { VpnGateways } = await ec2.send(new Ec2.DescribeVpnGatewaysCommand({ Filters }));
  assert.deepEqual(
    VpnGateways!.map((one) => [one.VpnGatewayId, one.Tags]),
    [[VpnGatewayId, Tags]],
  );
  await ec2.send(new Ec2.EnableVgwRoutePropagationCommand(propagation));
  assert.deepEqual((await tableOf(RouteTableId)).PropagatingVgws, [{ GatewayId: VpnGatewayId }]);
  await ec2.send(new Ec2.DisableVgwRoutePropagationCommand(propagation));
  assert.deepEqual((await tableOf(RouteTableId)).PropagatingVgws, []);
  await ec2.send(new Ec2.EnableVgwRoutePropagationCommand(propagation));
  await refused(ec2.send(new Ec2.DeleteVpnGatewayCommand({ VpnGatewayId })), 'IncorrectState');
  await ec2.send(new Ec2.DetachVpnGatewayCommand({ VpnGatewayId, VpcId }));
  assert.deepEqual((await tableOf(RouteTableId)).PropagatingVgws, []);
  await refused(ec2.send(new Ec2.DetachVpnGatewayCommand({ VpnGatewayId, VpcId })), 'InvalidVpnGatewayAttachment.NotFound');
  await ec2.send(new Ec2.DeleteVpnGatewayCommand({ VpnGatewayId }));
  await refused(ec2.send(new Ec2.DeleteVpnGatewayCommand({ VpnGatewayId })), 'InvalidVpnGatewayID.NotFound');
});
