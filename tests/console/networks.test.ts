/** What joins networks and what is paid for ahead, by hand in a real browser: gateways, ACLs, endpoints, flow logs, spot, reservations. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DescribeAddressesCommand,
  DescribeFlowLogsCommand,
  DescribeNatGatewaysCommand,
  DescribeNetworkAclsCommand,
  DescribeReservedInstancesCommand,
  DescribeSpotInstanceRequestsCommand,
  DescribeVpcEndpointsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { visit } from './browser.ts';
import {
  asRoot,
  at,
  button,
  choose,
  cloudOfWalks,
  confirmDeletion,
  heading,
  hostile,
  inDialog,
  leave,
  look,
  nothingSticksOut,
  walkOptions,
} from './steps.ts';

const cloud = cloudOfWalks();

test('an address, gateways, a network ACL, an endpoint, a peering and a flow log are made by hand', walkOptions, async () => {
  const ec2 = cloud().client(EC2Client);
  const guest = await visit(cloud().address);
  const { page } = guest;
  await asRoot(page);

  await at(page, 'ec2/addresses');
  await page.getByText('No elastic addresses').waitFor();
  await look(guest, 'addresses-empty');
  await button(page, 'Allocate address').first().click();
  await page.getByLabel(/^Name/).first().fill(hostile);
  await page.getByText('Do it from a shell').click();
  assert.match(await page.locator('pre').first().innerText(), /ec2 allocate-address[\s\S]*--domain vpc/);
  await button(page, 'Allocate address').click();
  await heading(page, /^eipalloc-\w+ \(<img/).waitFor();
  await look(guest, 'address');

  await at(page, 'ec2/nat-gateways/create');
  await choose(page, /^Subnet/, /subnet-/);
  await choose(page, /^Elastic IP addresses/, /eipalloc-/);
  await look(guest, 'create-nat-gateway');
  await button(page, 'Create NAT gateway').click();
  await heading(page, /^nat-/).waitFor();
  await page.getByText('available', { exact: true }).waitFor();
  const { NatGateways } = await ec2.send(new DescribeNatGatewaysCommand({}));
  assert.equal(NatGateways?.length, 1);

  await at(page, 'ec2/internet-gateways');
  await page.getByRole('link', { name: /^igw-/ }).waitFor();
  await look(guest, 'internet-gateways');

  await at(page, 'ec2/network-acls');
  await page.getByRole('link', { name: /^acl-/ }).first().click();
  await page.getByRole('tab', { name: 'Inbound rules' }).click();
  await button(page, 'Add rule').click();
  await page.getByRole('spinbutton', { name: 'Number' }).fill('42');
  await inDialog(page, 'Add rule').click();
  await page.getByRole('cell', { name: '443' }).waitFor();
  await look(guest, 'network-acl');
  const { NetworkAcls } = await ec2.send(new DescribeNetworkAclsCommand({}));
  assert.ok(NetworkAcls?.[0]?.Entries?.some(({ RuleNumber, Egress }) => RuleNumber === 42 && !Egress));

  await at(page, 'ec2/vpc-endpoints/create');
  await choose(page, /^Service$/, 'com.amazonaws.us-east-1.s3');
  await choose(page, /^VPC$/, /vpc-/);
  await choose(page, /^Route tables/, /rtb-/);
  await page.keyboard.press('Escape');
  await look(guest, 'create-endpoint');
  await button(page, 'Create VPC endpoint').click();
  await heading(page, /^vpce-/).waitFor();
  await look(guest, 'endpoint');
  const { VpcEndpoints } = await ec2.send(new DescribeVpcEndpointsCommand({}));
  assert.equal(VpcEndpoints?.[0]?.RouteTableIds?.length, 1);
  await button(page, 'Delete').click();
  await confirmDeletion(page);

  await cloud()
    .client(S3Client)
    .send(new CreateBucketCommand({ Bucket: 'flows-of-a-vpc' }));
  await at(page, 'ec2/flow-logs/create');
  await choose(page, 'Traffic of', /vpc-/);
  await page.getByLabel('Written to').fill('nowhere');
  await button(page, 'Create flow log').click();
  await page.getByText('Give the ARN of a bucket or of a Firehose stream.').waitFor();
  await page.getByLabel('Written to').fill('arn:aws:s3:::flows-of-a-vpc');
  await button(page, 'Create flow log').click();
  await heading(page, /^fl-/).waitFor();
  await look(guest, 'flow-log');
  assert.equal((await ec2.send(new DescribeFlowLogsCommand({}))).FlowLogs?.length, 1);

  await at(page, 'ec2/peering-connections');
  await page.getByText('No peering connections').waitFor();
  await at(page, 'ec2/network-interfaces');
  await page.getByText('nat_gateway').waitFor();
  await look(guest, 'network-interfaces');
  assert.equal((await ec2.send(new DescribeAddressesCommand({}))).Addresses?.length, 1);
  await leave(guest);
});

test('spot prices are drawn, a spot instance is asked for and cancelled, and a reservation is bought', walkOptions, async () => {
  const ec2 = cloud().client(EC2Client);
  const guest = await visit(cloud().address);
  const { page } = guest;
  await asRoot(page);
  await at(page, 'ec2/spot-prices');
  await page.getByText(/is the cheapest for t3.micro now/).waitFor();
  await page.getByRole('img', { name: 'Price of t3.micro by the hour' }).hover();
  assert.ok((await page.locator('path.graph-line').count()) >= 3, 'a line a zone');
  await look(guest, 'spot-prices');

  await at(page, 'ec2/spot-requests/create');
  await page.getByLabel(/^Name/).first().fill(hostile);
  await page.getByLabel(/^Highest price/).fill('cheap');
  await button(page, 'Request spot instances').click();
  await page.getByText('Give dollars, such as 0.0104.').waitFor();
  await page.getByLabel(/^Highest price/).fill('');
  await look(guest, 'request-spot');
  await button(page, 'Request spot instances').click();
  await heading(page, /^sir-/).waitFor();
  await page.getByText('fulfilled', { exact: true }).waitFor();
  await look(guest, 'spot-request');
  await button(page, 'Cancel request').click();
  await inDialog(page, 'Cancel request').click();
  await page.getByText('cancelled', { exact: true }).waitFor();
  const { SpotInstanceRequests } = await ec2.send(new DescribeSpotInstanceRequestsCommand({}));
  assert.equal(SpotInstanceRequests?.[0]?.State, 'cancelled');

  await at(page, 'ec2/reserved-offerings?type=t3.micro');
  await page.getByRole('cell').getByRole('button', { name: 'Buy', exact: true }).first().click();
  await inDialog(page, 'Buy').click();
  await page.getByRole('link', { name: /^[0-9a-f]{8}-/ }).waitFor();
  await look(guest, 'reserved-instances');
  assert.equal((await ec2.send(new DescribeReservedInstancesCommand({}))).ReservedInstances?.length, 1);

  await at(page, 'ec2/capacity-reservations/create');
  await button(page, 'Reserve capacity').click();
  await heading(page, /^cr-/).waitFor();
  await look(guest, 'capacity-reservation');
  await at(page, 'ec2/placement-groups/create');
  await page.getByLabel('Name', { exact: true }).fill('close');
  await button(page, 'Create placement group').click();
  await page.getByRole('link', { name: 'close' }).waitFor();
  await at(page, 'ec2/dedicated-hosts/create');
  await button(page, 'Allocate host').click();
  await heading(page, /^h-/).waitFor();
  await look(guest, 'dedicated-host');
  await leave(guest);
});

test('the same in Korean, in the dark and on a phone', walkOptions, async () => {
  const guest = await visit(cloud().address, { language: 'ko', dark: true, width: 390, height: 844 });
  const { page } = guest;
  await asRoot(page, 'ko');
  await at(page, 'ec2/spot-prices');
  await page.getByText(/가장 쌉니다/).waitFor();
  await look(guest, 'spot-prices-phone');
  await nothingSticksOut(page);
  await at(page, 'ec2/addresses');
  await heading(page, /^탄력적 IP 주소/).waitFor();
  await look(guest, 'addresses-phone');
  await nothingSticksOut(page);
  await leave(guest);
});
