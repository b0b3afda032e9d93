/** Images that age and rest, through the SDK: deprecated ones, disabled ones, and permissions taken back. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import { simulatedHost } from '../../../host/simulated/host.ts';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
import { abroad, ec2Of, userWith } from './cast.ts';

const day = 86_400_000;
let cloud: LiveCloud;
let ec2: Ec2.EC2Client;
let other: Ec2.EC2Client;
let ImageId: string;

before(async () => {
  cloud = await startCloud({ host: simulatedHost() });
  ec2 = ec2Of(cloud);
  other = ec2Of(cloud, abroad);
  const builtIn = (await ec2.send(new Ec2.DescribeImagesCommand({ Owners: ['amazon'] }))).Images![0]!.ImageId!;
  const { Instances } = await ec2.send(
    new Ec2.RunInstancesCommand({ ImageId: builtIn, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1 }),
  );
  await cloud.cloud.settled();
  const InstanceId = Instances![0]!.InstanceId!;
  ImageId = (await ec2.send(new Ec2.CreateImageCommand({ InstanceId, Name: 'mine', NoReboot: true }))).ImageId!;
  await cloud.cloud.settled();
});
after(() => cloud.close());

const share = (): Promise<unknown> =>
  ec2.send(new Ec2.ModifyImageAttributeCommand({ ImageId, LaunchPermission: { Add: [{ UserId: abroad }] } }));
const seenBy = async (client: Ec2.EC2Client, more: Ec2.DescribeImagesCommandInput = {}): Promise<boolean> =>
  (await client.send(new Ec2.DescribeImagesCommand({ ...more, Filters: [{ Name: 'name', Values: ['mine'] }] }))).Images!.length === 1;

test('a deprecated image is listed to its owner alone, and launched by all who may', async () => {
  await share();
  const now = cloud.cloud.clock.now();
  const DeprecateAt = new Date(now + day + 30_000);
  await ec2.send(new Ec2.EnableImageDeprecationCommand({ ImageId, DeprecateAt }));
  const { Images } = await ec2.send(new Ec2.DescribeImagesCommand({ ImageIds: [ImageId] }));
  assert.equal(Date.parse(Images![0]!.DeprecationTime!) % 60_000, 0);
  assert.equal(await seenBy(other), true);
  await cloud.advance(2 * day);
  assert.deepEqual([await seenBy(other), await seenBy(other, { IncludeDeprecated: true }), await seenBy(ec2)], [false, true, true]);
  await other.send(new Ec2.RunInstancesCommand({ ImageId, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1 }));
  await ec2.send(new Ec2.DisableImageDeprecationCommand({ ImageId }));
  assert.equal(await seenBy(other), true);
  for (const wrong of [now - day, now + 20 * 365 * day])
    await refused(ec2.send(new Ec2.EnableImageDeprecationCommand({ ImageId, DeprecateAt: new Date(wrong) })), 'InvalidParameterValue');
});

test('a disabled image is shared with nobody, hidden, and launched by nobody until it is enabled', async () => {
  await share();
  await ec2.send(new Ec2.DisableImageCommand({ ImageId }));
  assert.deepEqual(
    [await seenBy(ec2), await seenBy(ec2, { IncludeDisabled: true }), await seenBy(other, { IncludeDisabled: true })],
    [false, true, false],
  );
  const launch = new Ec2.RunInstancesCommand({ ImageId, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1 });
  await refused(ec2.send(launch), 'InvalidAMIID.Unavailable');
  await refused(share(), 'IncorrectState');
  await ec2.send(new Ec2.EnableImageCommand({ ImageId }));
  assert.deepEqual([await seenBy(ec2), await seenBy(other)], [true, false]);
  await ec2.send(launch);
});

test('launch permissions are taken back at once, by whoever may', async () => {
  await share();
  const blind = await userWith(cloud, 'blind', { Action: 'ec2:Describe*' });
  await refused(blind.send(new Ec2.ResetImageAttributeCommand({ ImageId, Attribute: 'launchPermission' })), 'UnauthorizedOperation');
  await ec2.send(new Ec2.ResetImageAttributeCommand({ ImageId, Attribute: 'launchPermission' }));
  assert.equal(await seenBy(other), false);
});
