/** Blocks of addresses, IPv6, DHCP options and settings of VPCs and subnets, and launch templates, by hand in a real browser. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DescribeDhcpOptionsCommand,
  DescribeEgressOnlyInternetGatewaysCommand,
  DescribeInstancesCommand,
  DescribeLaunchTemplateVersionsCommand,
  DescribeNetworkAclsCommand,
  DescribeRouteTablesCommand,
  DescribeSubnetsCommand,
  DescribeVpcAttributeCommand,
  DescribeVpcsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import type { Locator, Page } from 'playwright-core';
import { until } from '../journeys/until.ts';
import { visit } from './browser.ts';
import {
  asRoot,
  at,
  button,
  choose,
  cloudOfWalks,
  confirmDeletion,
  dialogGone,
  heading,
  hostile,
  inDialog,
  leave,
  look,
  nothingSticksOut,
  walkOptions,
} from './steps.ts';

const cloud = cloudOfWalks();

/** A switch carries the label of its field. */
const switchNamed = (within: Page | Locator, name: string): Locator =>
  within.getByRole('switch', { name }).or(within.getByRole('checkbox', { name })).first();

const ec2 = (): EC2Client => cloud().client(EC2Client);

test('a VPC gets IPv6, a second block, names and DHCP options, and its subnet a /64 with a way out', walkOptions, async () => {
  const guest = await visit(cloud().address);
  const { page } = guest;
  await asRoot(page);

  await at(page, 'ec2/dhcp-options/create');
  await button(page, 'Create DHCP option set').click();
  await page.getByText('Give at least one of the options.').waitFor();
  await page.getByLabel(/^Name/).first().fill(hostile);
  await page.getByLabel(/^Domain name –/).fill('house.example');
  await page.getByLabel(/^Domain name servers/).fill('10.60.0.2, 10.60.0.3');
  await page.getByText('Do it from a shell').click();
  assert.match(await page.locator('pre').first().innerText(), /ec2 create-dhcp-options[\s\S]*domain-name-servers/);
  await look(guest, 'create-dhcp-options');
  await button(page, 'Create DHCP option set').click();
  await heading(page, /^dopt-\w+ \(<img/).waitFor();
  await look(guest, 'dhcp-options');
  const { DhcpOptions = [] } = await ec2().send(
    new DescribeDhcpOptionsCommand({ Filters: [{ Name: 'value', Values: ['house.example'] }] }),
  );
  const set = DhcpOptions[0]!.DhcpOptionsId!;

  await at(page, 'ec2/create-vpc');
  await page.getByLabel('IPv4 block').fill('10.60.0.0/16');
  await switchNamed(page, 'An IPv6 block of the cloud’s').check();
  await look(guest, 'create-vpc');
  await button(page, 'Create VPC').click();
  await heading(page, /^vpc-\w+$/).waitFor();
  const vpc = new URL(page.url()).pathname.split('/').at(-1)!;
  await button(page, 'Edit settings').click();
  await switchNamed(page.getByRole('dialog'), 'DNS hostnames').check();
  await inDialog(page, 'Edit settings').click();
  await dialogGone(page);
  const names = await ec2().send(new DescribeVpcAttributeCommand({ VpcId: vpc, Attribute: 'enableDnsHostnames' }));
  assert.equal(names.EnableDnsHostnames?.Value, true);
  await button(page, 'Edit DHCP options').click();
  await page.getByRole('dialog').getByLabel('DHCP option set').click();
  await page.getByRole('option', { name: new RegExp(set) }).click();
  await inDialog(page, 'Edit DHCP options').click();
  await dialogGone(page);
  await page.getByRole('link', { name: set }).waitFor();
  await at(page, `ec2/vpcs/${vpc}?tab=blocks`);
  await button(page, 'Add CIDR block').click();
  await page.getByRole('dialog').getByLabel('IPv4 block').last().fill('10.61.0.0/16');
  await inDialog(page, 'Add CIDR block').click();
  await page.getByRole('checkbox', { name: '10.61.0.0/16' }).check();
  await look(guest, 'vpc-blocks');
  await button(page, 'Delete').last().click();
  await confirmDeletion(page);
  await page.getByRole('checkbox', { name: '10.61.0.0/16' }).waitFor({ state: 'detached' });
  const [found] = (await ec2().send(new DescribeVpcsCommand({ VpcIds: [vpc] }))).Vpcs!;
  assert.equal(found!.DhcpOptionsId, set);
  assert.deepEqual(
    found!.CidrBlockAssociationSet?.map(({ CidrBlock }) => CidrBlock),
    ['10.60.0.0/16'],
  );
  const range = found!.Ipv6CidrBlockAssociationSet![0]!.Ipv6CidrBlock!;

  await at(page, `ec2/create-subnet?vpc=${vpc}`);
  await page.getByLabel('IPv4 block').fill('10.60.1.0/24');
  await button(page, 'Create subnet').click();
  await heading(page, /^subnet-\w+$/).waitFor();
  const subnet = new URL(page.url()).pathname.split('/').at(-1)!;
  await page.getByRole('tab', { name: 'CIDR blocks' }).click();
  await button(page, 'Add CIDR block').click();
  const proposed = await page.getByRole('dialog').getByLabel('IPv6 block of the subnet').inputValue();
  assert.match(proposed, /::\/64$/);
  assert.equal(proposed.split(':')[0], range.split(':')[0]);
  await inDialog(page, 'Add CIDR block').click();
  await dialogGone(page);
  await button(page, 'Edit settings').click();
  await switchNamed(page.getByRole('dialog'), 'Auto-assign IPv6 address').check();
  await switchNamed(page.getByRole('dialog'), 'Auto-assign public IPv4 address').check();
  await inDialog(page, 'Edit settings').click();
  await dialogGone(page);
  await look(guest, 'subnet-blocks');
  const [within] = (await ec2().send(new DescribeSubnetsCommand({ SubnetIds: [subnet] }))).Subnets!;
  assert.deepEqual([within!.MapPublicIpOnLaunch, within!.AssignIpv6AddressOnCreation], [true, true]);
  assert.equal(within!.Ipv6CidrBlockAssociationSet!.length, 1);

  await at(page, 'ec2/egress-only-gateways/create');
  await page.getByLabel(/^Name/).first().fill(hostile);
  await choose(page, /^VPC$/, new RegExp(vpc));
  await button(page, 'Create egress-only internet gateway').click();
  await heading(page, /^eigw-\w+ \(<img/).waitFor();
  await look(guest, 'egress-only-gateway');
  const { EgressOnlyInternetGateways } = await ec2().send(new DescribeEgressOnlyInternetGatewaysCommand({}));
  const Filters = [{ Name: 'vpc-id', Values: [vpc] }];
  const { RouteTables } = await ec2().send(new DescribeRouteTablesCommand({ Filters }));
  await at(page, `ec2/route-tables/${RouteTables![0]!.RouteTableId}`);
  await button(page, 'Add route').click();
  await page.getByRole('dialog').getByLabel('Destination').fill('::/0');
  await page.getByRole('dialog').getByLabel('Target').fill(EgressOnlyInternetGateways![0]!.EgressOnlyInternetGatewayId!);
  await inDialog(page, 'Add route').click();
  await page
    .getByRole('rowheader', { name: '::/0' })
    .or(page.getByRole('cell', { name: '::/0' }))
    .first()
    .waitFor();
  await look(guest, 'ipv6-route');

  const { NetworkAcls } = await ec2().send(new DescribeNetworkAclsCommand({ Filters }));
  await at(page, `ec2/network-acls/${NetworkAcls![0]!.NetworkAclId}`);
  await button(page, 'Add rule').click();
  await page.getByRole('dialog').getByLabel('Number').fill('50');
  await page.getByRole('dialog').getByLabel('IPv4 or IPv6 block').fill('2001:db8::/32');
  await inDialog(page, 'Add rule').click();
  await page.getByRole('cell', { name: '2001:db8::/32' }).waitFor();
  await leave(guest);
});

test('a launch template says all that a launch may, gets another version, and instances are launched from it', walkOptions, async () => {
  const guest = await visit(cloud().address);
  const { page } = guest;
  await asRoot(page);
  await at(page, 'ec2/launch-templates/create');
  await page.getByLabel('Template name').fill('web');
  await choose(page, /^Image/, /haneul|amazon|al20|ubuntu|debian/i);
  await choose(page, /^Type/, /^t3\.small/);
  await page.getByLabel(/^Size of the root volume/).fill('12');
  await choose(page, 'Type of the root volume', 'gp3');
  await switchNamed(page, 'Termination protection').check();
  await choose(page, 'Metadata service', /Version 2 only/);
  await page.getByLabel(/^User data/).fill('#!/bin/sh\necho hello');
  await page.getByText('Do it from a shell').click();
  assert.match(await page.locator('pre').first().innerText(), /ec2 create-launch-template/);
  await look(guest, 'create-launch-template');
  await button(page, 'Create launch template').click();
  await heading(page, /^lt-\w+/).waitFor();
  const id = new URL(page.url()).pathname.split('/').at(-1)!;
  const versions = async () =>
    (await ec2().send(new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: id }))).LaunchTemplateVersions!;
  const [first] = await versions();
  assert.deepEqual(first!.LaunchTemplateData!.BlockDeviceMappings![0]!.Ebs, { VolumeSize: 12, VolumeType: 'gp3' });
  assert.equal(first!.LaunchTemplateData!.MetadataOptions!.HttpTokens, 'required');
  assert.equal(first!.LaunchTemplateData!.DisableApiTermination, true);

  await page.getByRole('link', { name: 'New version' }).click();
  await page.getByLabel(/^Description of the version/).fill(hostile);
  assert.equal(await page.getByLabel(/^Size of the root volume/).inputValue(), '12');
  assert.match(await page.getByLabel(/^User data/).inputValue(), /echo hello/);
  await switchNamed(page, 'Termination protection').uncheck();
  await look(guest, 'launch-template-version');
  await button(page, 'New version').click();
  await page.getByText(hostile).first().waitFor();
  await look(guest, 'launch-template');
  assert.equal((await versions()).length, 2);
  await button(page, 'Set default version').click();
  await page.getByRole('dialog').getByLabel('Version').click();
  await page.getByRole('option', { name: /^2/ }).first().click();
  await inDialog(page, 'Set default version').click();
  await dialogGone(page);
  assert.equal((await versions()).find(({ DefaultVersion }) => DefaultVersion)?.VersionNumber, 2);
  await button(page, 'Launch instances').click();
  await inDialog(page, 'Launch instances').click();
  await dialogGone(page);
  await until(60, async () => {
    const { Reservations = [] } = await ec2().send(new DescribeInstancesCommand({}));
    assert.equal(Reservations[0]?.Instances?.[0]?.InstanceType, 't3.small');
  });
  await leave(guest);
});

test('the form of launches tells what the machines will cost before they are launched', walkOptions, async () => {
  const guest = await visit(cloud().address, { language: 'ko', dark: true, width: 390, height: 844 });
  const { page } = guest;
  await asRoot(page, 'ko');
  await at(page, 'ec2/launch');
  // t3.micro costs $0.0104 by the hour in us-east-1.
  await page.getByText('$0.0104', { exact: true }).waitFor();
  await page.getByLabel('인스턴스 수').fill('3');
  await page.getByText('$0.0312', { exact: true }).waitFor();
  await choose(page, /^유형/, /^m5\.large/);
  await page.getByText('$0.2880', { exact: true }).waitFor();
  await look(guest, 'launch-price-phone');
  await nothingSticksOut(page);
  await leave(guest);
});
