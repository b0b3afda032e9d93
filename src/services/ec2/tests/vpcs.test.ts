/** VPCs, subnets, regions and tags, through the SDK. */

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

const makeVpc = async (CidrBlock = '10.0.0.0/16'): Promise<string> => (await ec2.send(new Ec2.CreateVpcCommand({ CidrBlock }))).Vpc!.VpcId!;

test('a region begins with a default VPC, a subnet in each zone, a gateway, a group and an ACL', async () => {
  const { Vpcs } = await ec2.send(new Ec2.DescribeVpcsCommand({ Filters: [{ Name: 'is-default', Values: ['true'] }] }));
  assert.equal(Vpcs!.length, 1);
  const vpc = Vpcs![0]!;
  assert.equal(vpc.CidrBlock, '172.31.0.0/16');
  assert.match(vpc.VpcId!, /^vpc-0[0-9a-f]{16}$/);
  const { Subnets } = await ec2.send(new Ec2.DescribeSubnetsCommand({ Filters: [{ Name: 'vpc-id', Values: [vpc.VpcId!] }] }));
  assert.deepEqual(
    Subnets!.map((subnet) => [subnet.AvailabilityZone, subnet.CidrBlock]).sort(),
    ['a', 'b', 'c', 'd', 'e', 'f'].map((letter, at) => [`us-east-1${letter}`, `172.31.${at * 16}.0/20`]),
  );
  assert.ok(Subnets!.every((subnet) => subnet.MapPublicIpOnLaunch && subnet.DefaultForAz && subnet.AvailableIpAddressCount === 4091));
  const { SecurityGroups } = await ec2.send(new Ec2.DescribeSecurityGroupsCommand({ GroupNames: ['default'] }));
  const [group] = SecurityGroups!;
  assert.deepEqual(
    group!.IpPermissions!.map((one) => [one.IpProtocol, one.UserIdGroupPairs![0]!.GroupId]),
    [['-1', group!.GroupId]],
  );
  assert.deepEqual(
    group!.IpPermissionsEgress!.map((one) => [one.IpProtocol, one.IpRanges![0]!.CidrIp]),
    [['-1', '0.0.0.0/0']],
  );
  await refused(ec2.send(new Ec2.CreateDefaultVpcCommand({})), 'DefaultVpcAlreadyExists');
});

test('the first calls of many clients found one default VPC', async () => {
  const clients = [1, 2, 3, 4].map(() => ec2Of(cloud, home, 'eu-west-1'));
  const answers = await Promise.all(clients.map((client) => client.send(new Ec2.DescribeVpcsCommand({}))));
  assert.deepEqual(new Set(answers.map(({ Vpcs }) => Vpcs!.map((vpc) => vpc.VpcId).join())).size, 1);
});

test('regions and zones are those of AWS', async () => {
  const { Regions } = await ec2.send(new Ec2.DescribeRegionsCommand({ RegionNames: ['ap-northeast-2'] }));
  assert.deepEqual(Regions, [
    { RegionName: 'ap-northeast-2', Endpoint: 'ec2.ap-northeast-2.amazonaws.com', OptInStatus: 'opt-in-not-required' },
  ]);
  await refused(ec2.send(new Ec2.DescribeRegionsCommand({ RegionNames: ['moon-1'] })), 'InvalidParameterValue');
  const seoul = ec2Of(cloud, home, 'ap-northeast-2');
  const { AvailabilityZones } = await seoul.send(new Ec2.DescribeAvailabilityZonesCommand({ ZoneNames: ['ap-northeast-2b'] }));
  assert.equal(AvailabilityZones![0]!.ZoneId, 'apne2-az2');
  const { AccountAttributes } = await ec2.send(new Ec2.DescribeAccountAttributesCommand({ AttributeNames: ['default-vpc'] }));
  assert.match(AccountAttributes![0]!.AttributeValues![0]!.AttributeValue!, /^vpc-/);
});

test('a VPC is made, described, changed and deleted', async () => {
  const made = await ec2.send(
    new Ec2.CreateVpcCommand({
      CidrBlock: '10.1.2.3/16',
      TagSpecifications: [{ ResourceType: 'vpc', Tags: [{ Key: 'Name', Value: 'one' }] }],
    }),
  );
  const id = made.Vpc!.VpcId!;
  assert.equal(made.Vpc!.CidrBlock, '10.1.0.0/16');
  await ec2.send(new Ec2.ModifyVpcAttributeCommand({ VpcId: id, EnableDnsHostnames: { Value: true } }));
  const asked = await ec2.send(new Ec2.DescribeVpcAttributeCommand({ VpcId: id, Attribute: 'enableDnsHostnames' }));
  assert.equal(asked.EnableDnsHostnames!.Value, true);
  await ec2.send(new Ec2.ModifyVpcTenancyCommand({ VpcId: id, InstanceTenancy: 'default' }));
  const named = await ec2.send(new Ec2.DescribeVpcsCommand({ Filters: [{ Name: 'tag:Name', Values: ['o*'] }] }));
  assert.deepEqual(
    named.Vpcs!.map((vpc) => vpc.VpcId),
    [id],
  );

  const added = await ec2.send(new Ec2.AssociateVpcCidrBlockCommand({ VpcId: id, CidrBlock: '10.2.0.0/16' }));
  await refused(ec2.send(new Ec2.AssociateVpcCidrBlockCommand({ VpcId: id, CidrBlock: '10.2.128.0/17' })), 'InvalidVpc.Range');
  const subnet = await ec2.send(new Ec2.CreateSubnetCommand({ VpcId: id, CidrBlock: '10.2.1.0/24' }));
  const association = { AssociationId: added.CidrBlockAssociation!.AssociationId! };
  await refused(ec2.send(new Ec2.DisassociateVpcCidrBlockCommand(association)), 'InvalidCidrBlock.InUse');
  await refused(ec2.send(new Ec2.DeleteVpcCommand({ VpcId: id })), 'DependencyViolation');
  await ec2.send(new Ec2.DeleteSubnetCommand({ SubnetId: subnet.Subnet!.SubnetId! }));
  await ec2.send(new Ec2.DisassociateVpcCidrBlockCommand(association));
  await ec2.send(new Ec2.DeleteVpcCommand({ VpcId: id }));
  await refused(ec2.send(new Ec2.DescribeVpcsCommand({ VpcIds: [id] })), {
    code: 'InvalidVpcID.NotFound',
    message: `The vpc ID '${id}' does not exist`,
  });
  await refused(ec2.send(new Ec2.DescribeVpcsCommand({ VpcIds: ['vpc-nonsense'] })), 'InvalidVpcID.Malformed');
});

test('ranges that AWS does not take are refused', async () => {
  for (const CidrBlock of ['10.0.0.0/15', '10.0.0.0/29', '127.0.0.0/16'])
    await refused(ec2.send(new Ec2.CreateVpcCommand({ CidrBlock })), 'InvalidVpc.Range');
  for (const CidrBlock of ['10.0.0/16', 'x', '10.0.0.0/33'])
    await refused(ec2.send(new Ec2.CreateVpcCommand({ CidrBlock })), 'InvalidParameterValue');
  const VpcId = await makeVpc();
  await refused(ec2.send(new Ec2.CreateSubnetCommand({ VpcId, CidrBlock: '10.1.0.0/24' })), 'InvalidSubnet.Range');
  await ec2.send(new Ec2.CreateSubnetCommand({ VpcId, CidrBlock: '10.0.0.0/24' }));
  await refused(ec2.send(new Ec2.CreateSubnetCommand({ VpcId, CidrBlock: '10.0.0.0/20' })), 'InvalidSubnet.Conflict');
  await refused(
    ec2.send(new Ec2.CreateSubnetCommand({ VpcId, CidrBlock: '10.0.1.0/24', AvailabilityZone: 'us-east-1z' })),
    'InvalidParameterValue',
  );
});

test('subnets come in pages, and their attributes change', async () => {
  const VpcId = await makeVpc('10.9.0.0/16');
  for (let at = 0; at < 7; at++) await ec2.send(new Ec2.CreateSubnetCommand({ VpcId, CidrBlock: `10.9.${at}.0/24` }));
  const Filters = [{ Name: 'vpc-id', Values: [VpcId] }];
  const first = await ec2.send(new Ec2.DescribeSubnetsCommand({ Filters, MaxResults: 5 }));
  assert.equal(first.Subnets!.length, 5);
  const rest = await ec2.send(new Ec2.DescribeSubnetsCommand({ Filters, MaxResults: 5, NextToken: first.NextToken! }));
  assert.equal(rest.Subnets!.length, 2);
  await refused(ec2.send(new Ec2.DescribeVpcsCommand({ NextToken: first.NextToken! })), 'InvalidParameterValue');
  const id = first.Subnets![0]!.SubnetId!;
  await ec2.send(new Ec2.ModifySubnetAttributeCommand({ SubnetId: id, MapPublicIpOnLaunch: { Value: true } }));
  const { Subnets } = await ec2.send(new Ec2.DescribeSubnetsCommand({ SubnetIds: [id] }));
  assert.equal(Subnets![0]!.MapPublicIpOnLaunch, true);
  await refused(ec2.send(new Ec2.DescribeSubnetsCommand({ Filters: [{ Name: 'colour', Values: ['x'] }] })), {
    code: 'InvalidParameterValue',
    message: "The filter 'colour' is invalid",
  });
});

test('a deleted default VPC and subnet come back only when they are asked for', async () => {
  const client = ec2Of(cloud, abroad, 'us-west-1');
  const { Subnets } = await client.send(new Ec2.DescribeSubnetsCommand({}));
  const zone = Subnets![0]!.AvailabilityZone!;
  await client.send(new Ec2.DeleteSubnetCommand({ SubnetId: Subnets![0]!.SubnetId! }));
  await client.send(new Ec2.CreateDefaultSubnetCommand({ AvailabilityZone: zone }));
  await refused(
    client.send(new Ec2.CreateDefaultSubnetCommand({ AvailabilityZone: zone })),
    'DefaultSubnetAlreadyExistsInAvailabilityZone',
  );
});

test('interfaces take addresses of their subnet and give them back', async () => {
  const VpcId = await makeVpc('10.20.0.0/16');
  const { Subnet } = await ec2.send(new Ec2.CreateSubnetCommand({ VpcId, CidrBlock: '10.20.0.0/28' }));
  const SubnetId = Subnet!.SubnetId!;
  const { NetworkInterface: made } = await ec2.send(
    new Ec2.CreateNetworkInterfaceCommand({ SubnetId, PrivateIpAddress: '10.20.0.9', Description: 'nine' }),
  );
  assert.equal(made!.PrivateIpAddress, '10.20.0.9');
  assert.equal(made!.Groups![0]!.GroupName, 'default');
  for (const [PrivateIpAddress, code] of [
    ['10.20.0.9', 'InvalidIPAddress.InUse'],
    ['10.20.0.3', 'InvalidParameterValue'],
    ['10.20.0.15', 'InvalidParameterValue'],
    ['10.20.1.1', 'InvalidParameterValue'],
  ] as const)
    await refused(ec2.send(new Ec2.CreateNetworkInterfaceCommand({ SubnetId, PrivateIpAddress })), code);
  const more = await ec2.send(new Ec2.CreateNetworkInterfaceCommand({ SubnetId, SecondaryPrivateIpAddressCount: 9 }));
  assert.equal(more.NetworkInterface!.PrivateIpAddresses!.length, 10);
  await refused(ec2.send(new Ec2.CreateNetworkInterfaceCommand({ SubnetId })), 'InsufficientFreeAddressesInSubnet');
  const { Subnets } = await ec2.send(new Ec2.DescribeSubnetsCommand({ SubnetIds: [SubnetId] }));
  assert.equal(Subnets![0]!.AvailableIpAddressCount, 0);
  await refused(ec2.send(new Ec2.DeleteSubnetCommand({ SubnetId })), 'DependencyViolation');
  await ec2.send(new Ec2.DeleteNetworkInterfaceCommand({ NetworkInterfaceId: made!.NetworkInterfaceId! }));
  const { NetworkInterfaces } = await ec2.send(
    new Ec2.DescribeNetworkInterfacesCommand({ Filters: [{ Name: 'subnet-id', Values: [SubnetId] }] }),
  );
  assert.deepEqual(
    NetworkInterfaces!.map((one) => one.Status),
    ['available'],
  );
});

test('security groups are made, found and deleted', async () => {
  const VpcId = await makeVpc('10.30.0.0/16');
  const input = { VpcId, GroupName: 'web', Description: 'for the web' };
  const { GroupId } = await ec2.send(new Ec2.CreateSecurityGroupCommand(input));
  await refused(ec2.send(new Ec2.CreateSecurityGroupCommand(input)), {
    code: 'InvalidGroup.Duplicate',
    message: `The security group 'web' already exists for VPC '${VpcId}'`,
  });
  const { SecurityGroupRules } = await ec2.send(
    new Ec2.DescribeSecurityGroupRulesCommand({ Filters: [{ Name: 'group-id', Values: [GroupId!] }] }),
  );
  assert.deepEqual(
    SecurityGroupRules!.map((rule) => [rule.IsEgress, rule.IpProtocol, rule.CidrIpv4, rule.FromPort]),
    [[true, '-1', '0.0.0.0/0', -1]],
  );
  await ec2.send(new Ec2.DeleteSecurityGroupCommand({ GroupId }));
  await refused(ec2.send(new Ec2.DescribeSecurityGroupsCommand({ GroupIds: [GroupId!] })), 'InvalidGroup.NotFound');
});

test('tags are put on resources of any type and found again', async () => {
  const VpcId = await makeVpc('10.40.0.0/16');
  const { Subnet } = await ec2.send(new Ec2.CreateSubnetCommand({ VpcId, CidrBlock: '10.40.0.0/24' }));
  const ids = [VpcId, Subnet!.SubnetId!];
  await ec2.send(
    new Ec2.CreateTagsCommand({
      Resources: ids,
      Tags: [
        { Key: 'team', Value: 'blue' },
        { Key: 'stage', Value: 'test' },
      ],
    }),
  );
  await ec2.send(new Ec2.DeleteTagsCommand({ Resources: [VpcId], Tags: [{ Key: 'stage' }, { Key: 'team', Value: 'red' }] }));
  const byId = await ec2.send(new Ec2.DescribeTagsCommand({ Filters: [{ Name: 'resource-id', Values: [VpcId] }] }));
  assert.deepEqual(byId.Tags, [{ ResourceId: VpcId, ResourceType: 'vpc', Key: 'team', Value: 'blue' }]);
  const byKey = await ec2.send(new Ec2.DescribeTagsCommand({ Filters: [{ Name: 'key', Values: ['team'] }] }));
  assert.deepEqual(byKey.Tags!.map((tag) => tag.ResourceId).sort(), [...ids].sort());
  await refused(ec2.send(new Ec2.CreateTagsCommand({ Resources: ids, Tags: [{ Key: 'aws:x', Value: '' }] })), 'InvalidParameterValue');
  await refused(ec2.send(new Ec2.CreateTagsCommand({ Resources: ['x-1'], Tags: [{ Key: 'a', Value: '' }] })), 'InvalidID');
});

test('a dry run says whether the call would have succeeded, and does nothing', async () => {
  const before = (await ec2.send(new Ec2.DescribeVpcsCommand({}))).Vpcs!.length;
  await refused(ec2.send(new Ec2.CreateVpcCommand({ CidrBlock: '10.0.0.0/16', DryRun: true })), {
    code: 'DryRunOperation',
    status: 412,
    message: 'Request would have succeeded, but DryRun flag is set.',
  });
  assert.equal((await ec2.send(new Ec2.DescribeVpcsCommand({}))).Vpcs!.length, before);
});

test('who has no permission is refused, by resource, tag and action on creation', async () => {
  const nobody = await userWith(cloud, 'nobody');
  await refused(nobody.send(new Ec2.DescribeVpcsCommand({})), {
    code: 'UnauthorizedOperation',
    status: 403,
    message: /Encoded authorization failure message/,
  });
  await refused(nobody.send(new Ec2.DescribeVpcsCommand({ DryRun: true })), 'UnauthorizedOperation');
  const VpcId = await makeVpc('10.50.0.0/16');
  await ec2.send(new Ec2.CreateTagsCommand({ Resources: [VpcId], Tags: [{ Key: 'team', Value: 'red' }] }));
  const red = await userWith(cloud, 'red', {
    Action: ['ec2:CreateSubnet', 'ec2:DeleteVpc'],
    Condition: { StringEqualsIfExists: { 'aws:ResourceTag/team': 'red' } },
  });
  const other = await makeVpc('10.51.0.0/16');
  await ec2.send(new Ec2.CreateTagsCommand({ Resources: [other], Tags: [{ Key: 'team', Value: 'blue' }] }));
  await refused(red.send(new Ec2.DeleteVpcCommand({ VpcId: other })), 'UnauthorizedOperation');
  const TagSpecifications = [{ ResourceType: 'subnet' as const, Tags: [{ Key: 'a', Value: 'b' }] }];
  await refused(red.send(new Ec2.CreateSubnetCommand({ VpcId, CidrBlock: '10.50.0.0/24', TagSpecifications })), 'UnauthorizedOperation');
  const { Subnet } = await red.send(new Ec2.CreateSubnetCommand({ VpcId, CidrBlock: '10.50.0.0/24' }));
  assert.equal(Subnet!.OwnerId, home);
});

test('addresses of a reserved range are given to those alone who name them', async () => {
  const VpcId = await makeVpc('10.9.0.0/16');
  const { Subnet } = await ec2.send(new Ec2.CreateSubnetCommand({ VpcId, CidrBlock: '10.9.1.0/28' }));
  const SubnetId = Subnet!.SubnetId!;
  const reserve = (Cidr: string, ReservationType: 'explicit' | 'prefix' = 'explicit') =>
    ec2.send(new Ec2.CreateSubnetCidrReservationCommand({ SubnetId, Cidr, ReservationType, Description: 'appliances' }));
  const { SubnetCidrReservation: made } = await reserve('10.9.1.8/29');
  assert.match(made!.SubnetCidrReservationId!, /^scr-0[0-9a-f]{16}$/);
  await refused(reserve('10.9.1.12/30', 'prefix'), 'InvalidSubnetCidrReservation.Conflict');
  await refused(reserve('10.9.2.0/29'), 'InvalidParameterValue');
  await refused(reserve('nonsense'), 'InvalidParameterValue');
  const make = async (PrivateIpAddress?: string) =>
    (await ec2.send(new Ec2.CreateNetworkInterfaceCommand({ SubnetId, PrivateIpAddress }))).NetworkInterface!.PrivateIpAddress!;
  const picked = [await make(), await make(), await make(), await make()];
  assert.deepEqual(picked.sort(), ['10.9.1.4', '10.9.1.5', '10.9.1.6', '10.9.1.7']);
  await refused(make(), 'InsufficientFreeAddressesInSubnet');
  assert.equal(await make('10.9.1.9'), '10.9.1.9');
  const { SubnetIpv4CidrReservations } = await ec2.send(new Ec2.GetSubnetCidrReservationsCommand({ SubnetId }));
  assert.deepEqual(
    SubnetIpv4CidrReservations!.map((one) => [one.Cidr, one.ReservationType, one.OwnerId, one.Description]),
    [['10.9.1.8/29', 'explicit', home, 'appliances']],
  );
  const { SubnetCidrReservationId } = made!;
  await ec2.send(new Ec2.DeleteSubnetCidrReservationCommand({ SubnetCidrReservationId: SubnetCidrReservationId! }));
  await refused(
    ec2.send(new Ec2.DeleteSubnetCidrReservationCommand({ SubnetCidrReservationId: SubnetCidrReservationId! })),
    'InvalidSubnetCidrReservationID.NotFound',
  );
  assert.match(await make(), /^10\.9\.1\.1[0-4]$|^10\.9\.1\.8$/);
});

test('ids are long, and stay so', async () => {
  const { Statuses } = await ec2.send(new Ec2.DescribeIdFormatCommand({ Resource: 'instance' }));
  assert.deepEqual(Statuses, [{ Resource: 'instance', UseLongIds: true }]);
  assert.equal((await ec2.send(new Ec2.DescribeAggregateIdFormatCommand({}))).UseLongIdsAggregated, true);
  const PrincipalArn = `arn:aws:iam::${home}:root`;
  assert.ok((await ec2.send(new Ec2.DescribeIdentityIdFormatCommand({ PrincipalArn }))).Statuses!.length > 20);
  await ec2.send(new Ec2.ModifyIdFormatCommand({ Resource: 'volume', UseLongIds: true }));
  await refused(ec2.send(new Ec2.ModifyIdFormatCommand({ Resource: 'volume', UseLongIds: false })), 'OperationNotPermitted');
  await refused(ec2.send(new Ec2.ModifyIdFormatCommand({ Resource: 'cloud', UseLongIds: true })), 'InvalidParameterValue');
  const all = { Resource: 'all-current', PrincipalArn };
  await ec2.send(new Ec2.ModifyIdentityIdFormatCommand({ ...all, UseLongIds: true }));
  await refused(ec2.send(new Ec2.ModifyIdentityIdFormatCommand({ ...all, UseLongIds: false })), 'OperationNotPermitted');
});
