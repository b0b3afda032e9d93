/** DHCP options, prefix lists and egress-only gateways, through the SDK. */

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

test('a VPC takes its DHCP options from a set', async () => {
  const { DhcpOptions } = await ec2.send(
    new Ec2.CreateDhcpOptionsCommand({
      DhcpConfigurations: [
        { Key: 'domain-name', Values: ['example.com'] },
        { Key: 'domain-name-servers', Values: ['10.0.0.5', 'AmazonProvidedDNS'] },
      ],
    }),
  );
  const DhcpOptionsId = DhcpOptions!.DhcpOptionsId!;
  await ec2.send(new Ec2.AssociateDhcpOptionsCommand({ VpcId, DhcpOptionsId }));
  await refused(ec2.send(new Ec2.DeleteDhcpOptionsCommand({ DhcpOptionsId })), 'DependencyViolation');
  const { Vpcs } = await ec2.send(new Ec2.DescribeVpcsCommand({ VpcIds: [VpcId] }));
  assert.equal(Vpcs![0]!.DhcpOptionsId, DhcpOptionsId);
  await ec2.send(new Ec2.AssociateDhcpOptionsCommand({ VpcId, DhcpOptionsId: 'default' }));
  const found = await ec2.send(new Ec2.DescribeDhcpOptionsCommand({ Filters: [{ Name: 'value', Values: ['example.*'] }] }));
  assert.deepEqual(
    found.DhcpOptions!.map((one) => one.DhcpOptionsId),
    [DhcpOptionsId],
  );
  await ec2.send(new Ec2.DeleteDhcpOptionsCommand({ DhcpOptionsId }));
  const wrong = { DhcpConfigurations: [{ Key: 'ntp-servers', Values: ['here'] }] };
  await refused(ec2.send(new Ec2.CreateDhcpOptionsCommand(wrong)), 'InvalidParameterValue');
});

test('a prefix list changes by versions and stands in rules and routes', async () => {
  const { PrefixList } = await ec2.send(
    new Ec2.CreateManagedPrefixListCommand({
      PrefixListName: 'offices',
      AddressFamily: 'IPv4',
      MaxEntries: 2,
      Entries: [{ Cidr: '192.0.2.0/24' }],
    }),
  );
  const PrefixListId = PrefixList!.PrefixListId!;
  const change = { PrefixListId, CurrentVersion: 1, AddEntries: [{ Cidr: '198.51.100.0/24', Description: 'two' }] };
  assert.equal((await ec2.send(new Ec2.ModifyManagedPrefixListCommand(change))).PrefixList!.Version, 2);
  await refused(ec2.send(new Ec2.ModifyManagedPrefixListCommand(change)), 'IncorrectState');
  await refused(
    ec2.send(new Ec2.ModifyManagedPrefixListCommand({ PrefixListId, CurrentVersion: 2, AddEntries: [{ Cidr: '203.0.113.0/24' }] })),
    'PrefixListMaxEntriesExceeded',
  );
  const { Entries } = await ec2.send(new Ec2.GetManagedPrefixListEntriesCommand({ PrefixListId }));
  assert.deepEqual(
    Entries!.map((entry) => entry.Cidr),
    ['192.0.2.0/24', '198.51.100.0/24'],
  );
  const { GroupId } = await ec2.send(new Ec2.CreateSecurityGroupCommand({ VpcId, GroupName: 'g', Description: 'g' }));
  const IpPermissions = [{ IpProtocol: '-1', PrefixListIds: [{ PrefixListId }] }];
  await ec2.send(new Ec2.AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
  await refused(ec2.send(new Ec2.DeleteManagedPrefixListCommand({ PrefixListId })), 'DependencyViolation');
  await ec2.send(new Ec2.RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
  await ec2.send(new Ec2.DeleteManagedPrefixListCommand({ PrefixListId }));
  const left = await ec2.send(new Ec2.DescribeManagedPrefixListsCommand({}));
  assert.deepEqual(
    left.PrefixLists!.map((list) => [list.PrefixListName, list.OwnerId]),
    [
      ['com.amazonaws.us-east-1.dynamodb', 'AWS'],
      ['com.amazonaws.us-east-1.s3', 'AWS'],
    ],
  );
});

test('an egress-only gateway belongs to a VPC', async () => {
  const { EgressOnlyInternetGateway } = await ec2.send(new Ec2.CreateEgressOnlyInternetGatewayCommand({ VpcId }));
  const id = EgressOnlyInternetGateway!.EgressOnlyInternetGatewayId!;
  const { EgressOnlyInternetGateways } = await ec2.send(
    new Ec2.DescribeEgressOnlyInternetGatewaysCommand({ EgressOnlyInternetGatewayIds: [id] }),
  );
  assert.equal(EgressOnlyInternetGateways![0]!.Attachments![0]!.VpcId, VpcId);
  await ec2.send(new Ec2.DeleteEgressOnlyInternetGatewayCommand({ EgressOnlyInternetGatewayId: id }));
});
