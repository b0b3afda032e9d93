/** The map of a VPC by hand: two clicks ask who reaches whom, and the answer is drawn and told. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DescribeImagesCommand,
  DescribeNetworkInsightsPathsCommand,
  DescribeSubnetsCommand,
  EC2Client,
  RevokeSecurityGroupIngressCommand,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import { until } from '../journeys/until.ts';
import { visit } from './browser.ts';
import { asRoot, at, button, cloudOfWalks, hostile, leave, look, nothingSticksOut, walkOptions } from './steps.ts';

const cloud = cloudOfWalks();
let made: Promise<{ vpc: string; database: string }> | undefined;

/** A web server and a database, each in a zone of its own; the database lets in its port, from the web server's group. */
function twoTiers(): Promise<{ vpc: string; database: string }> {
  return (made ??= makeTwoTiers());
}

async function makeTwoTiers(): Promise<{ vpc: string; database: string }> {
  const ec2 = cloud().client(EC2Client);
  const { Images = [] } = await ec2.send(new DescribeImagesCommand({ Owners: ['amazon'] }));
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
  const subnets = Subnets.sort((a, b) => a.AvailabilityZone!.localeCompare(b.AvailabilityZone!));
  const VpcId = subnets[0]!.VpcId!;
  const group = async (GroupName: string): Promise<string> =>
    (await ec2.send(new CreateSecurityGroupCommand({ GroupName, Description: GroupName, VpcId }))).GroupId!;
  const [web, database] = [await group('web'), await group('database')];
  await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: database, ...fromWeb(web) }));
  for (const [name, groupId, at_] of [
    [hostile, web, 0],
    ['database', database, 1],
  ] as const)
    await ec2.send(
      new RunInstancesCommand({
        ...{ ImageId: Images[0]!.ImageId, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1 },
        ...{ SubnetId: subnets[at_]!.SubnetId, SecurityGroupIds: [groupId] },
        TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Name', Value: name }] }],
      }),
    );
  await cloud().cloud.settled();
  return { vpc: VpcId, database };
}

const fromWeb = (GroupId: string) => ({
  IpPermissions: [{ IpProtocol: 'tcp', FromPort: 5432, ToPort: 5432, UserIdGroupPairs: [{ GroupId }] }],
});

test('two clicks in the map of a VPC tell who reaches whom, and a rule that goes away cuts the way', walkOptions, async () => {
  const ec2 = cloud().client(EC2Client);
  const { database } = await twoTiers();
  const guest = await visit(cloud().address);
  const { page } = guest;
  await asRoot(page);
  await at(page, 'ec2/map');
  const from = page.getByRole('button', { name: /^<img/ });
  await from.waitFor();
  await look(guest, 'vpc-map');
  await from.click();
  await page.getByText('Choose a second instance').waitFor();
  // By the keyboard.
  await page.getByRole('button', { name: /^database/ }).focus();
  await page.keyboard.press('Enter');
  await page.getByText(`${hostile} can reach database on TCP port 5432.`).waitFor();
  await look(guest, 'vpc-map-reached');
  await page.getByLabel('Port').fill('0');
  await page.getByText('From 1 to 65535.').waitFor();
  await page.getByLabel('Port').fill('22');
  await page.keyboard.press('Enter');
  await page.getByText(`${hostile} cannot reach database on TCP port 22.`).waitFor();
  await page.getByText('The security groups of database have no rule that lets it in.').waitFor();
  await page.getByRole('link', { name: database }).waitFor();
  await look(guest, 'vpc-map-stopped');
  await page.getByText('Do it from a shell').click();
  assert.match(await page.locator('pre').first().innerText(), /ec2 create-network-insights-path[\s\S]*--destination-port 22/);
  await button(page, 'Swap').click();
  await page.getByText(`database cannot reach ${hostile} on TCP port 22.`).waitFor();
  await button(page, 'Swap').click();
  await page.getByLabel('Port').fill('5432');
  await page.keyboard.press('Enter');
  await page.getByText(`${hostile} can reach database on TCP port 5432.`).waitFor();
  await page.reload();
  await page.getByText(`${hostile} can reach database on TCP port 5432.`).waitFor();
  const rules = {
    IpPermissions: [{ IpProtocol: 'tcp', FromPort: 5432, ToPort: 5432, UserIdGroupPairs: [{ GroupId: await groupNamed('web') }] }],
  };
  await ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId: database, ...rules }));
  await button(page, 'Ask again').click();
  await page.getByText(`${hostile} cannot reach database on TCP port 5432.`).waitFor();
  await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: database, ...rules }));
  await button(page, 'Clear').click();
  await page.getByText('Choose an instance in the map').waitFor();
  await until(60, async () => {
    const { NetworkInsightsPaths } = await ec2.send(new DescribeNetworkInsightsPathsCommand({}));
    assert.deepEqual(NetworkInsightsPaths, [], 'what was made for the questions is gone');
  });
  await leave(guest);
});

async function groupNamed(name: string): Promise<string> {
  const { DescribeSecurityGroupsCommand } = await import('@aws-sdk/client-ec2');
  const found = await cloud()
    .client(EC2Client)
    .send(new DescribeSecurityGroupsCommand({ Filters: [{ Name: 'group-name', Values: [name] }] }));
  return found.SecurityGroups![0]!.GroupId!;
}

test('the map is the same in Korean, in the dark and on a phone', walkOptions, async () => {
  const { vpc } = await twoTiers();
  const guest = await visit(cloud().address, { language: 'ko', dark: true, width: 390, height: 844 });
  const { page } = guest;
  await asRoot(page, 'ko');
  await at(page, `ec2/vpcs/${vpc}?tab=map`);
  await page.getByRole('button', { name: /^<img/ }).click();
  await page.getByRole('button', { name: /^database/ }).click();
  await page.getByText(/5432에 닿을 수 있습니다/).waitFor();
  await look(guest, 'vpc-map-phone');
  await nothingSticksOut(page);
  await leave(guest);
});
