/** Keys that open an instance for a minute, through the SDK, on a simulated machine. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import { EC2InstanceConnectClient, SendSSHPublicKeyCommand } from '@aws-sdk/client-ec2-instance-connect';
import { simulatedHost } from '../../../host/simulated/host.ts';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';

const host = simulatedHost();
let cloud: LiveCloud;
let ec2: Ec2.EC2Client;
let connect: EC2InstanceConnectClient;
let InstanceId: string;
const SSHPublicKey = `ssh-ed25519 ${'A'.repeat(68)} me@here`;
const InstanceOSUser = 'ec2-user';

before(async () => {
  cloud = await startCloud({ host });
  ec2 = cloud.client(Ec2.EC2Client);
  connect = cloud.client(EC2InstanceConnectClient);
  const { Images } = await ec2.send(new Ec2.DescribeImagesCommand({ Owners: ['amazon'] }));
  const launch = { ImageId: Images![0]!.ImageId!, InstanceType: 't3.micro' as const, MinCount: 1, MaxCount: 1 };
  const { Instances } = await ec2.send(new Ec2.RunInstancesCommand(launch));
  InstanceId = Instances![0]!.InstanceId!;
  await cloud.cloud.settled();
});
after(() => cloud.close());

test('a key goes into the instance as an argument, never as part of a script', async () => {
  const { Success } = await connect.send(new SendSSHPublicKeyCommand({ InstanceId, InstanceOSUser, SSHPublicKey }));
  assert.equal(Success, true);
  const [command] = host.machines.executed(InstanceId);
  assert.deepEqual(command!.slice(-2), [InstanceOSUser, SSHPublicKey]);
  assert.ok(!command![2]!.includes('me@here'));
});

test('what is no key, no user or no running instance is refused', async () => {
  const send = (input: object) => connect.send(new SendSSHPublicKeyCommand({ InstanceId, InstanceOSUser, SSHPublicKey, ...input }));
  await refused(send({ SSHPublicKey: 'ssh-ed25519 short' }), 'InvalidArgsException');
  await refused(send({ SSHPublicKey: `command="reboot" ${SSHPublicKey}` }), 'InvalidArgsException');
  await refused(send({ SSHPublicKey: `${SSHPublicKey}\n${SSHPublicKey}` }), 'InvalidArgsException');
  await refused(send({ InstanceOSUser: '$(reboot)' }), 'InvalidArgsException');
  await refused(send({ InstanceId: 'i-00000000000000000' }), 'EC2InstanceNotFoundException');
  await refused(send({ AvailabilityZone: 'us-east-1z' }), 'EC2InstanceNotFoundException');
  await ec2.send(new Ec2.StopInstancesCommand({ InstanceIds: [InstanceId] }));
  await cloud.cloud.settled();
  await refused(send({}), 'EC2InstanceStateInvalidException');
});
