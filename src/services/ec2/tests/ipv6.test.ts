/** IPv6 ranges and addresses, through the SDK: VPCs, subnets, interfaces, instances, routes, and what metadata says. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import { simulatedHost } from '../../../host/simulated/host.ts';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
import { abroad, ec2Of } from './cast.ts';

const host = simulatedHost();
let cloud: LiveCloud;
let ec2: Ec2.EC2Client;
before(async () => {
  cloud = await startCloud({ host });
  ec2 = ec2Of(cloud);
});
after(() => cloud.close());

async function makeVpc(CidrBlock = '10.0.0.0/16'): Promise<{ id: string; range: string }> {
  const { Vpc } = await ec2.send(new Ec2.CreateVpcCommand({ CidrBlock, AmazonProvidedIpv6CidrBlock: true }));
  return { id: Vpc!.VpcId!, range: Vpc!.Ipv6CidrBlockAssociationSet![0]!.Ipv6CidrBlock! };
}

/** The /64 of a number within a VPC's /56. */
const part = (range: string, number: number): string => range.replace(/00::\/56$/, `${number.toString(16).padStart(2, '0')}::/64`);
const inVpc = (id: string) => ({ Filters: [{ Name: 'vpc-id', Values: [id] }] });

const makeSubnet = async (VpcId: string, CidrBlock: string, Ipv6CidrBlock?: string): Promise<string> =>
  (await ec2.send(new Ec2.CreateSubnetCommand({ VpcId, CidrBlock, ...(Ipv6CidrBlock && { Ipv6CidrBlock }) }))).Subnet!.SubnetId!;

async function everywhere(id: string): Promise<{ acl: (string | undefined)[]; out: (string | undefined)[][] }> {
  const { NetworkAcls } = await ec2.send(new Ec2.DescribeNetworkAclsCommand(inVpc(id)));
  const { SecurityGroups } = await ec2.send(new Ec2.DescribeSecurityGroupsCommand(inVpc(id)));
  return {
    acl: NetworkAcls![0]!.Entries!.filter((one) => one.Ipv6CidrBlock).map((one) => `${one.RuleNumber} ${one.RuleAction} ${one.Egress}`),
    out: SecurityGroups!.map((group) => group.IpPermissionsEgress!.flatMap((one) => one.Ipv6Ranges!.map(({ CidrIpv6 }) => CidrIpv6))),
  };
}

test('a VPC gets a /56 of the cloud, and its default ACL and groups let IPv6 pass', async () => {
  const { id, range } = await makeVpc();
  assert.match(range, /^fd[0-9a-f]{2}:[0-9a-f:]+00::\/56$/);
  const open = ['101 allow true', '32768 deny true', '101 allow false', '32768 deny false'];
  assert.deepEqual(await everywhere(id), { acl: open, out: [['::/0']] });
  await ec2.send(new Ec2.CreateSecurityGroupCommand({ VpcId: id, GroupName: 'later', Description: 'later' }));
  assert.deepEqual((await everywhere(id)).out, [['::/0'], ['::/0']]);
  const { RouteTables } = await ec2.send(new Ec2.DescribeRouteTablesCommand(inVpc(id)));
  assert.deepEqual(
    RouteTables![0]!.Routes!.map((route) => [route.DestinationIpv6CidrBlock ?? route.DestinationCidrBlock, route.GatewayId]),
    [
      ['10.0.0.0/16', 'local'],
      [range, 'local'],
    ],
  );
  const found = await ec2.send(
    new Ec2.DescribeVpcsCommand({ Filters: [{ Name: 'ipv6-cidr-block-association.ipv6-cidr-block', Values: [range] }] }),
  );
  assert.deepEqual(
    found.Vpcs!.map((vpc) => vpc.VpcId),
    [id],
  );
  const other = await makeVpc('10.1.0.0/16');
  assert.notEqual(other.range, range);
  assert.equal(other.range.slice(0, 9), range.slice(0, 9), 'all lie in the range of the cloud');
});

test('a range comes later and goes again, but not from under a subnet; groups that were changed stay as they are', async () => {
  const { Vpc } = await ec2.send(new Ec2.CreateVpcCommand({ CidrBlock: '10.2.0.0/16' }));
  const id = Vpc!.VpcId!;
  const changed = await ec2.send(new Ec2.CreateSecurityGroupCommand({ VpcId: id, GroupName: 'changed', Description: 'changed' }));
  await ec2.send(
    new Ec2.RevokeSecurityGroupEgressCommand({
      GroupId: changed.GroupId!,
      IpPermissions: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
    }),
  );
  assert.deepEqual(await everywhere(id), { acl: [], out: [[], []] });
  const given = await ec2.send(new Ec2.AssociateVpcCidrBlockCommand({ VpcId: id, AmazonProvidedIpv6CidrBlock: true }));
  const { AssociationId, Ipv6CidrBlock: range } = given.Ipv6CidrBlockAssociation!;
  assert.deepEqual((await everywhere(id)).out.flat(), ['::/0']);
  await refused(ec2.send(new Ec2.AssociateVpcCidrBlockCommand({ VpcId: id, Ipv6CidrBlock: 'fd00::/56' })), 'NotImplemented');
  const both = { VpcId: id, AmazonProvidedIpv6CidrBlock: true, CidrBlock: '10.3.0.0/16' };
  await refused(ec2.send(new Ec2.AssociateVpcCidrBlockCommand(both)), 'InvalidParameterCombination');

  const SubnetId = await makeSubnet(id, '10.2.1.0/24');
  const wrong = {
    'fd00:1::/64': 'InvalidSubnet.Range',
    [part(range!, 1).replace('/64', '/63')]: 'InvalidSubnet.Range',
    nonsense: 'InvalidParameterValue',
  };
  for (const [Ipv6CidrBlock, code] of Object.entries(wrong))
    await refused(ec2.send(new Ec2.AssociateSubnetCidrBlockCommand({ SubnetId, Ipv6CidrBlock })), code);
  const on = { SubnetId, AssignIpv6AddressOnCreation: { Value: true } };
  await refused(ec2.send(new Ec2.ModifySubnetAttributeCommand(on)), 'InvalidParameterValue');
  const joined = await ec2.send(new Ec2.AssociateSubnetCidrBlockCommand({ SubnetId, Ipv6CidrBlock: part(range!, 1) }));
  await refused(ec2.send(new Ec2.AssociateSubnetCidrBlockCommand({ SubnetId, Ipv6CidrBlock: part(range!, 2) })), 'CidrLimitExceeded');
  const clash = { VpcId: id, CidrBlock: '10.2.2.0/24', Ipv6CidrBlock: part(range!, 1) };
  await refused(ec2.send(new Ec2.CreateSubnetCommand(clash)), 'InvalidSubnet.Conflict');
  await refused(ec2.send(new Ec2.DisassociateVpcCidrBlockCommand({ AssociationId: AssociationId! })), 'InvalidCidrBlock.InUse');
  await ec2.send(new Ec2.ModifySubnetAttributeCommand(on));
  const { NetworkInterface } = await ec2.send(new Ec2.CreateNetworkInterfaceCommand({ SubnetId }));
  assert.equal(NetworkInterface!.Ipv6Addresses!.length, 1, 'the subnet gives an address by itself');
  const leave = new Ec2.DisassociateSubnetCidrBlockCommand({ AssociationId: joined.Ipv6CidrBlockAssociation!.AssociationId! });
  await refused(ec2.send(leave), 'InvalidParameterValue');
  await ec2.send(new Ec2.ModifySubnetAttributeCommand({ SubnetId, AssignIpv6AddressOnCreation: { Value: false } }));
  await refused(ec2.send(leave), 'InvalidCidrBlock.InUse');
  await ec2.send(new Ec2.DeleteNetworkInterfaceCommand({ NetworkInterfaceId: NetworkInterface!.NetworkInterfaceId! }));
  assert.equal((await ec2.send(leave)).Ipv6CidrBlockAssociation!.Ipv6CidrBlockState!.State, 'disassociating');
  await refused(ec2.send(leave), 'InvalidSubnetCidrBlockAssociationID.NotFound');
  await ec2.send(new Ec2.DisassociateVpcCidrBlockCommand({ AssociationId: AssociationId! }));
  const { Vpcs } = await ec2.send(new Ec2.DescribeVpcsCommand({ VpcIds: [id] }));
  assert.deepEqual(Vpcs![0]!.Ipv6CidrBlockAssociationSet ?? [], []);
});

test('interfaces are given addresses of their subnet, by name or by number, and give them back', async () => {
  const { id, range } = await makeVpc('10.4.0.0/16');
  const SubnetId = await makeSubnet(id, '10.4.1.0/24', part(range, 1));
  const bare = await makeSubnet(id, '10.4.2.0/24');
  const at = (host: string): string => part(range, 1).replace('::/64', `::${host}`);
  const make = async (input: Partial<Ec2.CreateNetworkInterfaceCommandInput>) =>
    (await ec2.send(new Ec2.CreateNetworkInterfaceCommand({ SubnetId, ...input }))).NetworkInterface!;
  const named = await make({ Ipv6Addresses: [{ Ipv6Address: at('00AA') }] });
  assert.deepEqual(
    named.Ipv6Addresses!.map((one) => one.Ipv6Address),
    [at('aa')],
  );
  assert.deepEqual((await make({})).Ipv6Addresses ?? [], []);
  assert.equal((await make({ Ipv6AddressCount: 2 })).Ipv6Addresses!.length, 2);
  const NetworkInterfaceId = named.NetworkInterfaceId!;
  const wrong: [Partial<Ec2.CreateNetworkInterfaceCommandInput>, string][] = [
    [{ Ipv6Addresses: [{ Ipv6Address: at('aa') }] }, 'InvalidIPAddress.InUse'],
    [{ Ipv6Addresses: [{ Ipv6Address: at('bb') }, { Ipv6Address: at('bb') }] }, 'InvalidIPAddress.InUse'],
    [{ Ipv6Addresses: [{ Ipv6Address: at('3') }] }, 'InvalidParameterValue'],
    [{ Ipv6Addresses: [{ Ipv6Address: 'fd00::1' }] }, 'InvalidParameterValue'],
    [{ Ipv6Addresses: [{ Ipv6Address: '10.0.0.1' }] }, 'InvalidParameterValue'],
    [{ Ipv6AddressCount: -1 }, 'InvalidParameterValue'],
    [{ Ipv6AddressCount: 1_000_000 }, 'InvalidParameterValue'],
    [{ Ipv6AddressCount: 1, Ipv6Addresses: [{ Ipv6Address: at('cc') }] }, 'InvalidParameterCombination'],
    [{ SubnetId: bare, Ipv6AddressCount: 1 }, 'InvalidParameterValue'],
    [{ Ipv6PrefixCount: 1 }, 'NotImplemented'],
    [{ EnablePrimaryIpv6: true }, 'NotImplemented'],
  ];
  for (const [input, code] of wrong) await refused(ec2.send(new Ec2.CreateNetworkInterfaceCommand({ SubnetId, ...input })), code);
  const more = await ec2.send(new Ec2.AssignIpv6AddressesCommand({ NetworkInterfaceId, Ipv6AddressCount: 2 }));
  assert.equal(more.AssignedIpv6Addresses!.length, 2);
  await refused(ec2.send(new Ec2.AssignIpv6AddressesCommand({ NetworkInterfaceId })), 'MissingParameter');
  await refused(
    ec2.send(new Ec2.AssignIpv6AddressesCommand({ NetworkInterfaceId, Ipv6AddressCount: 48 })),
    'PrivateIpAddressLimitExceeded',
  );
  const Ipv6Addresses = [at('00aa'), more.AssignedIpv6Addresses![1]!];
  await ec2.send(new Ec2.UnassignIpv6AddressesCommand({ NetworkInterfaceId, Ipv6Addresses }));
  await refused(ec2.send(new Ec2.UnassignIpv6AddressesCommand({ NetworkInterfaceId, Ipv6Addresses })), 'InvalidParameterValue');
  const [left] = more.AssignedIpv6Addresses!;
  const found = await ec2.send(
    new Ec2.DescribeNetworkInterfacesCommand({ Filters: [{ Name: 'ipv6-addresses.ipv6-address', Values: [left!] }] }),
  );
  assert.deepEqual(
    found.NetworkInterfaces!.map((one) => [one.NetworkInterfaceId, one.Ipv6Addresses!.map(({ Ipv6Address }) => Ipv6Address)]),
    [[NetworkInterfaceId, [left]]],
  );
  const stranger = ec2Of(cloud, abroad);
  await refused(
    stranger.send(new Ec2.AssignIpv6AddressesCommand({ NetworkInterfaceId, Ipv6AddressCount: 1 })),
    'InvalidNetworkInterfaceID.NotFound',
  );
});

test('instances have addresses of IPv6, and their metadata says so', async () => {
  const { id, range } = await makeVpc('10.5.0.0/16');
  const SubnetId = await makeSubnet(id, '10.5.1.0/24', part(range, 5));
  const { Images } = await ec2.send(new Ec2.DescribeImagesCommand({ Owners: ['amazon'] }));
  const launch = (input: Partial<Ec2.RunInstancesCommandInput>) =>
    ec2.send(new Ec2.RunInstancesCommand({ ImageId: Images![0]!.ImageId!, InstanceType: 't3.small', MinCount: 1, MaxCount: 1, ...input }));
  const Ipv6Address = part(range, 5).replace('::/64', '::1:5');
  const { Instances } = await launch({ SubnetId, Ipv6Addresses: [{ Ipv6Address }] });
  const { Instances: two } = await launch({
    ...{ MinCount: 2, MaxCount: 2 },
    NetworkInterfaces: [{ DeviceIndex: 0, SubnetId, Ipv6AddressCount: 2 }],
  });
  assert.equal(Instances![0]!.Ipv6Address, Ipv6Address);
  const all = two!.flatMap((one) => one.NetworkInterfaces![0]!.Ipv6Addresses!.map((address) => address.Ipv6Address));
  assert.equal(new Set(all).size, 4);
  const twice = { SubnetId, MinCount: 2, MaxCount: 2, Ipv6Addresses: [{ Ipv6Address: `${Ipv6Address}1` }] };
  await refused(launch(twice), 'InvalidParameterCombination');
  await refused(launch({ Ipv6AddressCount: 1 }), 'InvalidParameterValue');
  await cloud.cloud.settled();
  const filter = { Filters: [{ Name: 'network-interface.ipv6-addresses.ipv6-address', Values: [Ipv6Address] }] };
  const { Reservations } = await ec2.send(new Ec2.DescribeInstancesCommand(filter));
  const [row] = Reservations![0]!.Instances!;
  assert.equal(row!.InstanceId, Instances![0]!.InstanceId);
  const ask = async (path: string): Promise<string> => {
    const at = { vpc: id, address: '169.254.169.254', port: 80 };
    const rawPath = `/latest/meta-data/network/interfaces/macs/${row!.NetworkInterfaces![0]!.MacAddress}/${path}`;
    return String((await host.networks.ask(at, row!.PrivateIpAddress!, { rawPath })).body);
  };
  assert.deepEqual(
    [await ask('ipv6s'), await ask('subnet-ipv6-cidr-blocks'), await ask('vpc-ipv6-cidr-blocks')],
    [Ipv6Address, part(range, 5), range],
  );
  const at = { vpc: id, address: '169.254.169.254', port: 80 };
  const top = await host.networks.ask(at, row!.PrivateIpAddress!, { rawPath: '/latest/meta-data/ipv6' });
  assert.equal(String(top.body), Ipv6Address);
});

test('routes, rules and lists of IPv6 are kept as RFC 5952 writes them, and families are not mixed', async () => {
  const { id } = await makeVpc('10.6.0.0/16');
  const RouteTableId = (await ec2.send(new Ec2.DescribeRouteTablesCommand(inVpc(id)))).RouteTables![0]!.RouteTableId!;
  const gateway = await ec2.send(new Ec2.CreateEgressOnlyInternetGatewayCommand({ VpcId: id }));
  const EgressOnlyInternetGatewayId = gateway.EgressOnlyInternetGateway!.EgressOnlyInternetGatewayId!;
  const route = (more: object) => ec2.send(new Ec2.CreateRouteCommand({ RouteTableId, ...more }));
  await route({ DestinationIpv6CidrBlock: '0:0::/0', EgressOnlyInternetGatewayId });
  await refused(route({ DestinationIpv6CidrBlock: '::/0', EgressOnlyInternetGatewayId }), 'RouteAlreadyExists');
  await refused(route({ DestinationIpv6CidrBlock: '::/129', EgressOnlyInternetGatewayId }), 'InvalidParameterValue');
  await refused(route({ DestinationCidrBlock: '0.0.0.0/0', EgressOnlyInternetGatewayId }), 'InvalidParameterValue');
  const routes = async () => (await ec2.send(new Ec2.DescribeRouteTablesCommand(inVpc(id)))).RouteTables![0]!.Routes!;
  const added = async () =>
    (await routes()).filter((one) => one.Origin === 'CreateRoute').map((one) => [one.DestinationIpv6CidrBlock, one.State]);
  assert.deepEqual(await added(), [['::/0', 'active']]);
  await ec2.send(new Ec2.DeleteEgressOnlyInternetGatewayCommand({ EgressOnlyInternetGatewayId }));
  assert.deepEqual(await added(), [['::/0', 'blackhole']]);

  const { GroupId } = await ec2.send(new Ec2.CreateSecurityGroupCommand({ VpcId: id, GroupName: 'six', Description: 'six' }));
  const rule = (CidrIpv6: string) => ({
    GroupId: GroupId!,
    IpPermissions: [{ IpProtocol: '58', FromPort: 128, ToPort: -1, Ipv6Ranges: [{ CidrIpv6 }] }],
  });
  await ec2.send(new Ec2.AuthorizeSecurityGroupIngressCommand(rule('FD00:0::5/16')));
  await refused(ec2.send(new Ec2.AuthorizeSecurityGroupIngressCommand(rule('fd00::/16'))), 'InvalidPermission.Duplicate');
  await refused(ec2.send(new Ec2.AuthorizeSecurityGroupIngressCommand(rule('fd00::1::/16'))), 'InvalidParameterValue');
  const acl = (await ec2.send(new Ec2.CreateNetworkAclCommand({ VpcId: id }))).NetworkAcl!;
  const entry = { NetworkAclId: acl.NetworkAclId!, RuleNumber: 7, Protocol: '58', RuleAction: 'allow', Egress: false } as const;
  await refused(ec2.send(new Ec2.CreateNetworkAclEntryCommand({ ...entry, Ipv6CidrBlock: '::/0' })), 'MissingParameter');
  const IcmpTypeCode = { Type: 128, Code: -1 };
  await refused(
    ec2.send(new Ec2.CreateNetworkAclEntryCommand({ ...entry, IcmpTypeCode, Ipv6CidrBlock: '::/0/0' })),
    'InvalidParameterValue',
  );
  await ec2.send(new Ec2.CreateNetworkAclEntryCommand({ ...entry, IcmpTypeCode, Ipv6CidrBlock: '0::/0' }));
  const list = { PrefixListName: 'six', AddressFamily: 'IPv6', MaxEntries: 5 } as const;
  await refused(ec2.send(new Ec2.CreateManagedPrefixListCommand({ ...list, Entries: [{ Cidr: '10.0.0.0/8' }] })), 'InvalidParameterValue');
  const { PrefixList } = await ec2.send(new Ec2.CreateManagedPrefixListCommand({ ...list, Entries: [{ Cidr: 'FD01::1/32' }] }));
  const { Entries } = await ec2.send(new Ec2.GetManagedPrefixListEntriesCommand({ PrefixListId: PrefixList!.PrefixListId! }));
  assert.equal(Entries![0]!.Cidr, 'fd01::/32');
});
