/** Rules of security groups and entries of network ACLs, through the SDK. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import type { LiveCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
import { ec2Of, startSimulated } from './cast.ts';

let cloud: LiveCloud;
let ec2: Ec2.EC2Client;
let VpcId: string;
before(async () => {
  cloud = await startSimulated();
  ec2 = ec2Of(cloud);
  VpcId = (await ec2.send(new Ec2.CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }))).Vpc!.VpcId!;
});
after(() => cloud.close());

const makeGroup = async (GroupName: string): Promise<string> =>
  (await ec2.send(new Ec2.CreateSecurityGroupCommand({ VpcId, GroupName, Description: GroupName }))).GroupId!;
const open = (GroupId: string, ...IpPermissions: Ec2.IpPermission[]) =>
  ec2.send(new Ec2.AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
const ssh = { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '10.1.2.3/8', Description: 'home' }] };

test('rules are added, shown together by protocol and port, and taken away', async () => {
  const web = await makeGroup('web');
  const other = await makeGroup('other');
  const { SecurityGroupRules: made } = await open(
    web,
    { ...ssh, UserIdGroupPairs: [{ GroupId: other }] },
    { IpProtocol: '-1', IpRanges: [{ CidrIp: '192.0.2.1/32' }] },
  );
  assert.deepEqual(
    made!.map((rule) => [rule.IpProtocol, rule.FromPort, rule.CidrIpv4 ?? rule.ReferencedGroupInfo!.GroupId, rule.Description]),
    [
      ['tcp', 22, '10.0.0.0/8', 'home'],
      ['tcp', 22, other, undefined],
      ['-1', -1, '192.0.2.1/32', undefined],
    ],
  );
  const { SecurityGroups } = await ec2.send(new Ec2.DescribeSecurityGroupsCommand({ GroupIds: [web] }));
  const [tcp] = SecurityGroups![0]!.IpPermissions!.filter((one) => one.IpProtocol === 'tcp');
  assert.deepEqual([tcp!.IpRanges!.length, tcp!.UserIdGroupPairs!.length], [1, 1]);
  await refused(open(web, ssh), {
    code: 'InvalidPermission.Duplicate',
    message: 'the specified rule "peer: 10.0.0.0/8, TCP, from port: 22, to port: 22, ALLOW" already exists',
  });
  await refused(ec2.send(new Ec2.DeleteSecurityGroupCommand({ GroupId: other })), 'DependencyViolation');

  await ec2.send(
    new Ec2.UpdateSecurityGroupRuleDescriptionsIngressCommand({
      GroupId: web,
      IpPermissions: [{ ...ssh, IpRanges: [{ CidrIp: '10.0.0.0/8', Description: 'office' }] }],
    }),
  );
  const id = made![0]!.SecurityGroupRuleId!;
  await ec2.send(
    new Ec2.ModifySecurityGroupRulesCommand({
      GroupId: web,
      SecurityGroupRules: [
        { SecurityGroupRuleId: id, SecurityGroupRule: { IpProtocol: 'tcp', FromPort: 22, ToPort: 23, CidrIpv4: '10.0.0.0/8' } },
      ],
    }),
  );
  const changed = await ec2.send(new Ec2.DescribeSecurityGroupRulesCommand({ SecurityGroupRuleIds: [id] }));
  assert.deepEqual([changed.SecurityGroupRules![0]!.ToPort, changed.SecurityGroupRules![0]!.Description], [23, undefined]);

  await ec2.send(new Ec2.RevokeSecurityGroupIngressCommand({ GroupId: web, SecurityGroupRuleIds: [id] }));
  await refused(ec2.send(new Ec2.RevokeSecurityGroupIngressCommand({ GroupId: web, IpPermissions: [ssh] })), {
    code: 'InvalidPermission.NotFound',
    message: 'The specified rule does not exist in this security group.',
  });
});

test('rules that go out are their own list', async () => {
  const GroupId = await makeGroup('egress');
  const everything = [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }];
  await ec2.send(new Ec2.RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions: everything }));
  const https = [{ IpProtocol: '6', FromPort: 443, ToPort: 443, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }];
  await ec2.send(new Ec2.AuthorizeSecurityGroupEgressCommand({ GroupId, IpPermissions: https }));
  await ec2.send(
    new Ec2.UpdateSecurityGroupRuleDescriptionsEgressCommand({
      GroupId,
      IpPermissions: [{ ...https[0]!, IpRanges: [{ CidrIp: '0.0.0.0/0', Description: 'web' }] }],
    }),
  );
  const { SecurityGroups } = await ec2.send(new Ec2.DescribeSecurityGroupsCommand({ GroupIds: [GroupId] }));
  assert.deepEqual(
    SecurityGroups![0]!.IpPermissionsEgress!.map((one) => [one.IpProtocol, one.IpRanges![0]!.Description]),
    [['tcp', 'web']],
  );
  assert.deepEqual(SecurityGroups![0]!.IpPermissions, []);
});

test('what is no rule is refused', async () => {
  const GroupId = await makeGroup('faulty');
  for (const [permission, code] of [
    [{ IpProtocol: 'tcp', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }, 'InvalidParameterValue'],
    [{ IpProtocol: 'tcp', FromPort: 9, ToPort: 8, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }, 'InvalidParameterValue'],
    [{ IpProtocol: 'tcp', FromPort: 1, ToPort: 70_000, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }, 'InvalidParameterValue'],
    [{ IpProtocol: 'quux', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }, 'InvalidParameterValue'],
    [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '10.0.0/8' }] }, 'InvalidParameterValue'],
    [{ IpProtocol: '-1' }, 'MissingParameter'],
    [{ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: 'sg-00000000000000000' }] }, 'InvalidGroup.NotFound'],
    [{ IpProtocol: '-1', PrefixListIds: [{ PrefixListId: 'pl-00000000000000000' }] }, 'InvalidPrefixListID.NotFound'],
  ] as const)
    await refused(open(GroupId, permission as Ec2.IpPermission), code);
  const ranges = Array.from({ length: 61 }, (_, at) => ({ CidrIp: `10.0.0.${at}/32` }));
  await refused(open(GroupId, { IpProtocol: '-1', IpRanges: ranges }), 'RulesPerSecurityGroupLimitExceeded');
});

test('network ACLs have numbered entries, and subnets have one each', async () => {
  const { Subnet } = await ec2.send(new Ec2.CreateSubnetCommand({ VpcId, CidrBlock: '10.0.9.0/24' }));
  const { NetworkAcl } = await ec2.send(new Ec2.CreateNetworkAclCommand({ VpcId }));
  const NetworkAclId = NetworkAcl!.NetworkAclId!;
  assert.deepEqual(
    NetworkAcl!.Entries!.map((one) => [one.RuleNumber, one.RuleAction]),
    [
      [32767, 'deny'],
      [32767, 'deny'],
    ],
  );
  const entry = { NetworkAclId, RuleNumber: 100, Egress: false, Protocol: 'tcp', RuleAction: 'allow' as const, CidrBlock: '10.0.0.0/8' };
  await refused(ec2.send(new Ec2.CreateNetworkAclEntryCommand(entry)), 'MissingParameter');
  await ec2.send(new Ec2.CreateNetworkAclEntryCommand({ ...entry, PortRange: { From: 22, To: 22 } }));
  await refused(ec2.send(new Ec2.CreateNetworkAclEntryCommand({ ...entry, Protocol: '-1' })), 'NetworkAclEntryAlreadyExists');
  await ec2.send(new Ec2.ReplaceNetworkAclEntryCommand({ ...entry, Protocol: '-1', RuleAction: 'deny' }));
  const Filters = [{ Name: 'association.subnet-id', Values: [Subnet!.SubnetId!] }];
  const before = (await ec2.send(new Ec2.DescribeNetworkAclsCommand({ Filters }))).NetworkAcls![0]!;
  assert.equal(before.IsDefault, true);
  await refused(ec2.send(new Ec2.DeleteNetworkAclCommand({ NetworkAclId: before.NetworkAclId! })), 'InvalidParameterValue');
  const AssociationId = before.Associations!.find((one) => one.SubnetId === Subnet!.SubnetId)!.NetworkAclAssociationId!;
  const replaced = await ec2.send(new Ec2.ReplaceNetworkAclAssociationCommand({ AssociationId, NetworkAclId }));
  assert.notEqual(replaced.NewAssociationId, AssociationId);
  await refused(ec2.send(new Ec2.DeleteNetworkAclCommand({ NetworkAclId })), 'DependencyViolation');
  await ec2.send(
    new Ec2.ReplaceNetworkAclAssociationCommand({ AssociationId: replaced.NewAssociationId!, NetworkAclId: before.NetworkAclId! }),
  );
  await ec2.send(new Ec2.DeleteNetworkAclEntryCommand({ NetworkAclId, Egress: false, RuleNumber: 100 }));
  await refused(
    ec2.send(new Ec2.DeleteNetworkAclEntryCommand({ NetworkAclId, Egress: false, RuleNumber: 100 })),
    'InvalidNetworkAclEntry.NotFound',
  );
  await ec2.send(new Ec2.DeleteNetworkAclCommand({ NetworkAclId }));
});

test('a group serves another VPC when it is associated with it, and is held while it is used there', async () => {
  const there = (await ec2.send(new Ec2.CreateVpcCommand({ CidrBlock: '10.7.0.0/16' }))).Vpc!.VpcId!;
  const { Subnet } = await ec2.send(new Ec2.CreateSubnetCommand({ VpcId: there, CidrBlock: '10.7.1.0/24' }));
  const GroupId = await makeGroup('golden');
  const place = { SubnetId: Subnet!.SubnetId!, Groups: [GroupId] };
  await refused(ec2.send(new Ec2.CreateNetworkInterfaceCommand(place)), 'InvalidParameterValue');
  const pair = { GroupId, VpcId: there };
  assert.equal((await ec2.send(new Ec2.AssociateSecurityGroupVpcCommand(pair))).State, 'associating');
  await refused(ec2.send(new Ec2.AssociateSecurityGroupVpcCommand(pair)), 'InvalidParameterValue');
  await refused(ec2.send(new Ec2.AssociateSecurityGroupVpcCommand({ GroupId, VpcId })), 'InvalidParameterValue');
  const Filters = [{ Name: 'group-id', Values: [GroupId] }];
  const listed = await ec2.send(new Ec2.DescribeSecurityGroupVpcAssociationsCommand({ Filters }));
  assert.deepEqual(
    listed.SecurityGroupVpcAssociations!.map((one) => [one.VpcId, one.State]),
    [[there, 'associated']],
  );
  const { SecurityGroupForVpcs: usable } = await ec2.send(new Ec2.GetSecurityGroupsForVpcCommand({ VpcId: there }));
  assert.deepEqual(
    usable!.map((one) => [one.GroupName, one.PrimaryVpcId]),
    [
      ['golden', VpcId],
      ['default', there],
    ],
  );
  const { NetworkInterface } = await ec2.send(new Ec2.CreateNetworkInterfaceCommand(place));
  await refused(ec2.send(new Ec2.DisassociateSecurityGroupVpcCommand(pair)), 'DependencyViolation');
  const NetworkInterfaceId = NetworkInterface!.NetworkInterfaceId!;
  await ec2.send(new Ec2.DeleteNetworkInterfaceCommand({ NetworkInterfaceId }));
  await refused(ec2.send(new Ec2.DeleteSecurityGroupCommand({ GroupId })), 'DependencyViolation');
  await ec2.send(new Ec2.DisassociateSecurityGroupVpcCommand(pair));
  await refused(ec2.send(new Ec2.DisassociateSecurityGroupVpcCommand(pair)), 'InvalidVpcID.NotFound');
  await ec2.send(new Ec2.DeleteSecurityGroupCommand({ GroupId }));
});

test('rules across a peering are told to the group that they name, and are stale when it or the peering is gone', async () => {
  const there = (await ec2.send(new Ec2.CreateVpcCommand({ CidrBlock: '10.8.0.0/16' }))).Vpc!.VpcId!;
  const asked = await ec2.send(new Ec2.CreateVpcPeeringConnectionCommand({ VpcId, PeerVpcId: there }));
  const { VpcPeeringConnectionId } = asked.VpcPeeringConnection!;
  await ec2.send(new Ec2.AcceptVpcPeeringConnectionCommand({ VpcPeeringConnectionId: VpcPeeringConnectionId! }));
  const here = await makeGroup('near');
  const far = await ec2.send(new Ec2.CreateSecurityGroupCommand({ VpcId: there, GroupName: 'far', Description: 'far' }));
  const gone = await ec2.send(new Ec2.CreateSecurityGroupCommand({ VpcId: there, GroupName: 'gone', Description: 'gone' }));
  for (const GroupId of [far.GroupId!, gone.GroupId!])
    await open(here, { IpProtocol: 'tcp', FromPort: 80, ToPort: 80, UserIdGroupPairs: [{ GroupId }] });
  const references = await ec2.send(new Ec2.DescribeSecurityGroupReferencesCommand({ GroupId: [far.GroupId!, here] }));
  assert.deepEqual(references.SecurityGroupReferenceSet, [{ GroupId: far.GroupId, ReferencingVpcId: VpcId, VpcPeeringConnectionId }]);

  const stale = async () => (await ec2.send(new Ec2.DescribeStaleSecurityGroupsCommand({ VpcId }))).StaleSecurityGroupSet!;
  assert.deepEqual(await stale(), []);
  await ec2.send(new Ec2.DeleteSecurityGroupCommand({ GroupId: gone.GroupId! }));
  const [first] = await stale();
  assert.deepEqual(
    first!.StaleIpPermissions!.map((one) => one.UserIdGroupPairs!.map((pair) => pair.GroupId)),
    [[gone.GroupId]],
  );
  await ec2.send(new Ec2.DeleteVpcPeeringConnectionCommand({ VpcPeeringConnectionId: VpcPeeringConnectionId! }));
  const [both] = await stale();
  assert.equal(both!.GroupId, here);
  const pair = both!.StaleIpPermissions![0]!.UserIdGroupPairs!.find((one) => one.GroupId === far.GroupId)!;
  assert.deepEqual([pair.VpcId, pair.VpcPeeringConnectionId, pair.PeeringStatus], [there, VpcPeeringConnectionId, 'deleted']);
  const after = await ec2.send(new Ec2.DescribeSecurityGroupReferencesCommand({ GroupId: [far.GroupId!] }));
  assert.deepEqual(after.SecurityGroupReferenceSet, []);
});
