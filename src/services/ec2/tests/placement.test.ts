/** Placement groups, and launches into them, through the SDK. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import { refused } from '../../../../tests/refused.ts';
import { startWithImage, userWith } from './cast.ts';

const { cloud, ec2, ImageId } = await startWithImage();
after(() => cloud.close());

async function launch(Placement: Ec2.Placement, count = 1, input: Partial<Ec2.RunInstancesCommandInput> = {}): Promise<Ec2.Instance[]> {
  const where = { AvailabilityZone: 'us-east-1a', ...Placement };
  const call = { ImageId, InstanceType: 't3.nano' as const, MinCount: count, MaxCount: count, ...input, Placement: where };
  return (await ec2.send(new Ec2.RunInstancesCommand(call))).Instances!;
}

test('a spread group takes seven instances in a zone, and is not deleted while it holds one', async () => {
  const { PlacementGroup } = await ec2.send(new Ec2.CreatePlacementGroupCommand({ GroupName: 'apart', Strategy: 'spread' }));
  assert.deepEqual(
    [PlacementGroup!.State, PlacementGroup!.SpreadLevel, PlacementGroup!.GroupArn],
    ['available', 'rack', 'arn:aws:ec2:us-east-1:111122223333:placement-group/apart'],
  );
  await refused(ec2.send(new Ec2.CreatePlacementGroupCommand({ GroupName: 'apart' })), 'InvalidPlacementGroup.Duplicate');
  const six = await launch({ GroupName: 'apart' }, 6);
  assert.equal(six[0]!.Placement!.GroupName, 'apart');
  await refused(launch({ GroupName: 'apart' }, 2), 'InsufficientInstanceCapacity');
  assert.equal((await launch({ GroupName: 'apart' }, 1, { MaxCount: 2 })).length, 1);
  assert.equal((await launch({ GroupId: PlacementGroup!.GroupId!, AvailabilityZone: 'us-east-1b' })).length, 1);
  await refused(ec2.send(new Ec2.DeletePlacementGroupCommand({ GroupName: 'apart' })), {
    code: 'InvalidPlacementGroup.InUse',
    message: `The placement group 'apart' is in use and may not be deleted.`,
  });
  await cloud.cloud.settled();
  const Filters = [{ Name: 'placement-group-name', Values: ['apart'] }];
  const { Reservations } = await ec2.send(new Ec2.DescribeInstancesCommand({ Filters }));
  const InstanceIds = Reservations!.flatMap(({ Instances }) => Instances!.map((one) => one.InstanceId!));
  assert.equal(InstanceIds.length, 8);
  await ec2.send(new Ec2.TerminateInstancesCommand({ InstanceIds }));
  await cloud.cloud.settled();
  await ec2.send(new Ec2.DeletePlacementGroupCommand({ GroupName: 'apart' }));
  await refused(ec2.send(new Ec2.DescribePlacementGroupsCommand({ GroupNames: ['apart'] })), 'InvalidPlacementGroup.Unknown');
});

test('a partition group fills its partitions evenly, or the one that was asked for', async () => {
  const made = await ec2.send(new Ec2.CreatePlacementGroupCommand({ GroupName: 'parts', Strategy: 'partition', PartitionCount: 3 }));
  assert.equal(made.PlacementGroup!.PartitionCount, 3);
  const partitions = (rows: Ec2.Instance[]) => rows.map((one) => one.Placement!.PartitionNumber);
  assert.deepEqual(partitions(await launch({ GroupName: 'parts', PartitionNumber: 2 }, 2)), [2, 2]);
  assert.deepEqual(partitions(await launch({ GroupName: 'parts' }, 3)), [1, 3, 1]);
  await refused(launch({ GroupName: 'parts', PartitionNumber: 4 }), 'InvalidParameterValue');
});

test('a cluster lies in one zone and takes no burstable type', async () => {
  await ec2.send(new Ec2.CreatePlacementGroupCommand({ GroupName: 'near', Strategy: 'cluster' }));
  await refused(launch({ GroupName: 'near' }), 'InvalidParameterCombination');
  await launch({ GroupName: 'near' }, 1, { InstanceType: 'm5.large' });
  await refused(launch({ GroupName: 'near', AvailabilityZone: 'us-east-1b' }, 1, { InstanceType: 'm5.large' }), 'InvalidParameterValue');
  await refused(launch({ GroupName: 'near', PartitionNumber: 1 }, 1, { InstanceType: 'm5.large' }), 'InvalidParameterCombination');
  const Filters = [{ Name: 'strategy', Values: ['cluster'] }];
  const { PlacementGroups } = await ec2.send(new Ec2.DescribePlacementGroupsCommand({ Filters }));
  assert.deepEqual(
    PlacementGroups!.map((one) => one.GroupName),
    ['near'],
  );
});

test('wrong groups are refused, and a launch needs the right to its group', async () => {
  await refused(launch({ GroupName: 'none' }), 'InvalidPlacementGroup.Unknown');
  const create = (input: Ec2.CreatePlacementGroupCommandInput) => ec2.send(new Ec2.CreatePlacementGroupCommand(input));
  await refused(create({ GroupName: 'x', Strategy: 'spread', PartitionCount: 2 }), 'InvalidParameterCombination');
  await refused(create({ GroupName: 'x', Strategy: 'partition', PartitionCount: 8 }), 'InvalidParameterValue');
  await refused(create({ GroupName: 'x', Strategy: 'near' as never }), 'InvalidParameterValue');
  await create({ GroupName: 'guarded', Strategy: 'spread' });
  const Resource = 'arn:aws:ec2:*:*:placement-group/guarded';
  const user = await userWith(cloud, 'guest', { Action: 'ec2:RunInstances' }, { Effect: 'Deny', Action: 'ec2:*', Resource });
  const call = { ImageId, InstanceType: 't3.nano' as const, MinCount: 1, MaxCount: 1, Placement: { GroupName: 'guarded' } };
  await refused(user.send(new Ec2.RunInstancesCommand(call)), 'UnauthorizedOperation');
  await refused(user.send(new Ec2.DeletePlacementGroupCommand({ GroupName: 'guarded' })), 'UnauthorizedOperation');
});
