/** Instance store: disks of the host that come with a type, and go when the instance stops or ends. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import { simulatedHost } from '../../../host/simulated/host.ts';
import { startCloud } from '../../../../tests/live-cloud.ts';
import { ec2Of } from './cast.ts';

test('an instance of a type with a store has its disks while it runs, and loses what is on them with each stop', async () => {
  const host = simulatedHost();
  const cloud = await startCloud({ host });
  try {
    const ec2 = ec2Of(cloud);
    const { Images } = await ec2.send(new Ec2.DescribeImagesCommand({ Owners: ['amazon'] }));
    const { Instances } = await ec2.send(
      new Ec2.RunInstancesCommand({ ImageId: Images![0]!.ImageId!, InstanceType: 'i3.large', MinCount: 1, MaxCount: 1 }),
    );
    const InstanceIds = [Instances![0]!.InstanceId!];
    await cloud.cloud.settled();
    const scratch = async () => (await host.disks.ids()).filter((id) => id.startsWith('scratch-'));
    const [disk] = await scratch();
    assert.deepEqual([(await host.disks.state(disk!))!.bytes, (await scratch()).length], [475_000_000_000 - (475_000_000_000 % 512), 1]);
    assert.deepEqual(host.machines.spec(InstanceIds[0]!)!.spec.disks, { '/dev/sdb': disk! });
    await host.disks.write(disk!, 0, Buffer.from('gone soon'));
    await ec2.send(new Ec2.RebootInstancesCommand({ InstanceIds }));
    await cloud.cloud.settled();
    assert.equal((await host.disks.read(disk!, 0, 9)).toString(), 'gone soon');
    await ec2.send(new Ec2.StopInstancesCommand({ InstanceIds }));
    await cloud.cloud.settled();
    assert.deepEqual(await scratch(), []);
    await ec2.send(new Ec2.StartInstancesCommand({ InstanceIds }));
    await cloud.cloud.settled();
    assert.deepEqual(await host.disks.read(disk!, 0, 9), Buffer.alloc(9));
    await ec2.send(new Ec2.TerminateInstancesCommand({ InstanceIds }));
    await cloud.cloud.settled();
    assert.deepEqual(await scratch(), []);
  } finally {
    await cloud.close();
  }
});
