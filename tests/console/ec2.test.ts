/** Volumes, snapshots, VPCs, subnets and route tables by hand, in a real browser against a real cloud. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CreateInternetGatewayCommand,
  AttachInternetGatewayCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeRouteTablesCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  EC2Client,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import type { Page } from 'playwright-core';
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
  walkOptions,
} from './steps.ts';

const cloud = cloudOfWalks();

/** The last part of the place that the page is at. */
const idOf = (page: Page): string => new URL(page.url()).pathname.split('/').at(-1)!;

async function launch(): Promise<{ id: string; zone: string }> {
  const ec2 = cloud().client(EC2Client);
  const { Images = [] } = await ec2.send(new DescribeImagesCommand({ Owners: ['amazon'] }));
  const image = Images.find(({ Architecture }) => Architecture === 'x86_64')!;
  const { Instances } = await ec2.send(
    new RunInstancesCommand({ ImageId: image.ImageId, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1 }),
  );
  return { id: Instances![0]!.InstanceId!, zone: Instances![0]!.Placement!.AvailabilityZone! };
}

test('a volume is made, attached, grown, kept as a snapshot, made anew of it, detached and deleted', walkOptions, async () => {
  const ec2 = cloud().client(EC2Client);
  const guest = await visit(cloud().address);
  const { page } = guest;
  await asRoot(page);
  await at(page, 'ec2/volumes');
  await page.getByText('No volumes').waitFor();
  await look(guest, 'volumes-empty');
  const { id: instance, zone } = await launch();
  await at(page, 'ec2/create-volume');
  await page.getByLabel(/^Name/).first().fill(hostile);
  await choose(page, 'Availability zone', zone);
  await page.getByLabel('Size (GiB)', { exact: true }).fill('2');
  await page.getByText('Do it from a shell').click();
  assert.match(await page.locator('pre').first().innerText(), /ec2 create-volume[\s\S]*--size 2/);
  await page.getByRole('tab', { name: 'Terraform' }).click();
  assert.match(await page.locator('pre:visible').first().innerText(), /resource "aws_ebs_volume"/);
  await look(guest, 'create-volume');
  await button(page, 'Create volume').click();
  await heading(page, /^vol-\w+ \(/).waitFor();
  const volume = idOf(page);
  await page.getByText('available', { exact: true }).waitFor();

  await button(page, 'Attach').click();
  await page.getByRole('dialog').getByLabel('Device name').waitFor();
  await look(guest, 'attach-volume');
  await inDialog(page, 'Attach').click();
  await page.getByText('in-use', { exact: true }).waitFor();
  await page.getByRole('link', { name: instance }).waitFor();
  await page.getByText('attached', { exact: true }).waitFor();
  await button(page, 'Modify volume').click();
  await page.getByRole('dialog').getByLabel('Size (GiB)').fill('1');
  await inDialog(page, 'Save changes').click();
  await page.getByText('At least 2.').waitFor();
  await page.getByRole('dialog').getByLabel('Size (GiB)').fill('3');
  await inDialog(page, 'Save changes').click();
  await page.getByText('3 GiB', { exact: true }).waitFor();
  await button(page, 'Create snapshot').click();
  await page
    .getByRole('dialog')
    .getByLabel(/^Description/)
    .fill(hostile);
  await inDialog(page, 'Create snapshot').click();
  await dialogGone(page);
  await page.getByRole('tab', { name: 'Snapshots' }).click();
  await look(guest, 'volume');
  const { Snapshots } = await ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }));
  const snapshot = Snapshots![0]!.SnapshotId!;
  assert.equal(Snapshots![0]!.Description, hostile);

  await at(page, `ec2/snapshots/${snapshot}`);
  await page.getByText('completed', { exact: true }).waitFor();
  await look(guest, 'snapshot');
  await button(page, 'Create volume of it').click();
  await button(page, 'Create volume').click();
  await heading(page, /^vol-\w+$/).waitFor();
  const copy = idOf(page);
  const { Volumes } = await ec2.send(new DescribeVolumesCommand({ VolumeIds: [copy] }));
  assert.deepEqual([Volumes![0]!.SnapshotId, Volumes![0]!.Size], [snapshot, 3]);
  await page.getByText('available', { exact: true }).waitFor();
  await button(page, 'Delete').click();
  await confirmDeletion(page);
  await heading(page, /^Volumes/)
    .first()
    .waitFor();

  const box = page.getByRole('checkbox', { name: volume });
  await box.check();
  await look(guest, 'volumes');
  await button(page, 'Actions').click();
  await page.getByRole('menuitem', { name: 'Detach' }).click();
  await inDialog(page, 'Detach').click();
  await page.getByRole('row').filter({ hasText: volume }).getByText('available', { exact: true }).waitFor();
  await button(page, 'Delete').click();
  await confirmDeletion(page);
  await box.waitFor({ state: 'detached' });
  await at(page, 'ec2/snapshots');
  await page.getByRole('checkbox', { name: snapshot }).check();
  await look(guest, 'snapshots');
  await button(page, 'Delete').click();
  await confirmDeletion(page);
  await page.getByText('No snapshots').waitFor();
  const left = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [instance] }));
  assert.equal(left.Reservations![0]!.Instances![0]!.State!.Name, 'running');
  await leave(guest);
});

test('a VPC with a subnet and a route table of its own is made by hand and taken away again', walkOptions, async () => {
  const ec2 = cloud().client(EC2Client);
  const guest = await visit(cloud().address);
  const { page } = guest;
  await asRoot(page);
  await at(page, 'ec2/vpcs');
  await page.getByRole('link', { name: /^vpc-/ }).first().waitFor();
  await look(guest, 'vpcs');
  await button(page, 'Create VPC').click();
  await page.getByLabel(/^Name/).first().fill(hostile);
  await page.getByLabel('IPv4 block').fill('10.9');
  await page.getByText('Give a block such as 10.0.0.0/16.').waitFor();
  await page.getByLabel('IPv4 block').fill('10.9.0.0/16');
  await button(page, 'Create VPC').click();
  await heading(page, /^vpc-\w+ \(/).waitFor();
  const vpc = idOf(page);
  await page.getByRole('tab', { name: 'Subnets' }).click();
  await page.getByText('No subnets').waitFor();
  await look(guest, 'vpc');
  await button(page, 'Create subnet').first().click();
  await page.getByLabel('IPv4 block').fill('10.9.1.0/24');
  await page.getByText('Do it from a shell').click();
  assert.match(await page.locator('pre').first().innerText(), new RegExp(`--vpc-id ${vpc}`));
  await look(guest, 'create-subnet');
  await button(page, 'Create subnet').click();
  await heading(page, /^subnet-\w+$/).waitFor();
  const subnet = idOf(page);
  await page.getByText('(Main)').waitFor();
  await look(guest, 'subnet');

  const gateway = (await ec2.send(new CreateInternetGatewayCommand({}))).InternetGateway!.InternetGatewayId!;
  await ec2.send(new AttachInternetGatewayCommand({ InternetGatewayId: gateway, VpcId: vpc }));
  await at(page, `ec2/create-route-table?vpc=${vpc}`);
  await button(page, 'Create route table').click();
  await heading(page, /^rtb-\w+$/).waitFor();
  const table = idOf(page);
  await page.getByText('CreateRouteTable', { exact: true }).waitFor();
  await button(page, 'Add route').click();
  await page.getByRole('dialog').getByLabel('Target').fill('somewhere');
  await inDialog(page, 'Add route').click();
  await page.getByText('Give an id that begins with', { exact: false }).waitFor();
  await page.getByRole('dialog').getByLabel('Target').fill(gateway);
  await look(guest, 'add-route');
  await inDialog(page, 'Add route').click();
  await page.getByRole('row').filter({ hasText: '0.0.0.0/0' }).getByText(gateway).waitFor();
  await page.getByRole('tab', { name: 'Subnet associations' }).click();
  await button(page, 'Associate subnet').first().click();
  await inDialog(page, 'Associate subnet').click();
  await page.getByRole('link', { name: subnet }).waitFor();
  await look(guest, 'route-table');
  const { RouteTables } = await ec2.send(new DescribeRouteTablesCommand({ RouteTableIds: [table] }));
  assert.equal(RouteTables![0]!.Associations![0]!.SubnetId, subnet);
  assert.ok(RouteTables![0]!.Routes!.some(({ GatewayId }) => GatewayId === gateway));

  await page.getByRole('checkbox', { name: /^rtbassoc-/ }).check();
  await page.getByRole('tabpanel').getByRole('button', { name: 'Delete', exact: true }).click();
  await confirmDeletion(page);
  await page.getByText('No subnet follows this table').waitFor();
  await page.getByRole('tab', { name: 'Routes' }).click();
  await page.getByRole('checkbox', { name: '0.0.0.0/0' }).check();
  await page.getByRole('tabpanel').getByRole('button', { name: 'Delete', exact: true }).click();
  await confirmDeletion(page);
  for (const [list, id] of [
    ['route-tables', table],
    ['subnets', subnet],
  ] as const) {
    await at(page, `ec2/${list}`);
    await page.getByRole('checkbox', { name: id }).check();
    await button(page, 'Delete').click();
    await confirmDeletion(page);
    await page.getByRole('checkbox', { name: id }).waitFor({ state: 'detached' });
  }
  // The gateway is still attached: it is told why, and the VPC stays.
  await at(page, `ec2/vpcs/${vpc}`);
  await button(page, 'Delete').first().click();
  await confirmDeletion(page);
  await page.getByText(/has dependencies and cannot be deleted/).waitFor();
  await leave(guest);
});

test('volumes and networks in Korean, in the dark', walkOptions, async () => {
  const guest = await visit(cloud().address, { language: 'ko', dark: true });
  const { page } = guest;
  await asRoot(page, 'ko');
  await at(page, 'ec2/create-volume');
  await page.getByText('볼륨 유형').waitFor();
  await look(guest, 'create-volume-ko');
  for (const [list, name] of [
    ['snapshots', '스냅샷'],
    ['vpcs', 'VPC'],
    ['subnets', '서브넷'],
    ['route-tables', '라우팅 테이블'],
  ] as const) {
    await at(page, `ec2/${list}`);
    await heading(page, new RegExp(`^${name}`))
      .first()
      .waitFor();
    await look(guest, `${list}-ko`);
  }
  await leave(guest);
});
