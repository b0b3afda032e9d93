/** What instances are charged for: seconds, a minute at least, and no second twice. */

import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import { simulatedHost } from '../../../host/simulated/host.ts';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { ec2Of } from './cast.ts';

async function secondsOf(cloud: LiveCloud, id: string): Promise<number> {
  const usage = await cloud.cloud.meter.query('111122223333', 0, cloud.cloud.clock.now() + 3_600_000);
  const milliseconds = usage
    .filter(({ usageType, resource }) => usageType === 'BoxUsage:t3.micro' && resource.endsWith(id))
    .reduce((sum, { quantity }) => sum + quantity * 1000, 0);
  return Math.round(milliseconds) / 1000;
}

test('a run is charged by the second, over a restart of the cloud too, until it stops', async () => {
  const host = simulatedHost();
  const first = await startCloud({ host });
  const ec2 = ec2Of(first);
  const { Images } = await ec2.send(new Ec2.DescribeImagesCommand({ Owners: ['amazon'] }));
  const { Instances } = await ec2.send(
    new Ec2.RunInstancesCommand({ ImageId: Images![0]!.ImageId!, InstanceType: 't3.micro', MinCount: 2, MaxCount: 2 }),
  );
  const [long, short] = Instances!.map(({ InstanceId }) => InstanceId!) as [string, string];
  await first.cloud.settled();
  await ec2.send(new Ec2.TerminateInstancesCommand({ InstanceIds: [short] }));
  await first.cloud.settled();
  await first.advance(90_000);
  await first.close({ keep: true });

  const second = await startCloud({ host, dataDirectory: first.dataDirectory });
  try {
    await second.advance(35_000);
    await ec2Of(second).send(new Ec2.StopInstancesCommand({ InstanceIds: [long] }));
    await second.cloud.settled();
    await second.advance(3_600_000);
    assert.equal(await secondsOf(second, long), 125);
    assert.equal(await secondsOf(second, short), 60);
    await ec2Of(second).send(new Ec2.StartInstancesCommand({ InstanceIds: [long] }));
    await second.cloud.settled();
    await second.advance(1_000);
    assert.equal(await secondsOf(second, long), 185, 'the next run is a minute at least');
  } finally {
    await second.close();
    await rm(first.dataDirectory, { recursive: true, force: true });
  }
});

test('what has run over a leap of the clock is charged once the cloud has settled', async () => {
  const cloud = await startCloud({ host: simulatedHost() });
  try {
    const ec2 = ec2Of(cloud);
    const { Images } = await ec2.send(new Ec2.DescribeImagesCommand({ Owners: ['amazon'] }));
    const { Instances } = await ec2.send(
      new Ec2.RunInstancesCommand({ ImageId: Images![0]!.ImageId!, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1 }),
    );
    await cloud.cloud.settled();
    await cloud.advance(86_400_000);
    assert.equal(await secondsOf(cloud, Instances![0]!.InstanceId!), 86_400);
  } finally {
    await cloud.close();
  }
});
