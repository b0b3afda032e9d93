/** Terraform buys capacity: a spot request, a capacity reservation, a dedicated host; an empty plan, a change in place, destroy. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DescribeHostsCommand, DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { simulatedHost } from '../../src/host/simulated/host.ts';
import { openTerraform, terraformIsAbsent } from './terraform-bench.ts';

test('Terraform asks for spot instances, reserves capacity and allocates hosts', { skip: terraformIsAbsent }, async (t) => {
  const { bench, ok, finds } = await openTerraform(t, 'terraform-purchases', { host: simulatedHost() });
  const ec2 = bench.cloud.client(EC2Client);
  const next = '-var=count_reserved=3';
  await ok('init');
  assert.match(await ok('apply', '-auto-approve'), /Apply complete! Resources: \d+ added, 0 changed, 0 destroyed/);
  await finds(false);
  const { Reservations } = await ec2.send(new DescribeInstancesCommand({}));
  const rows = Reservations!.flatMap(({ Instances }) => Instances!);
  assert.deepEqual(rows.map((row) => [row.InstanceLifecycle, row.Placement!.Tenancy, row.CapacityReservationId !== undefined]).toSorted(), [
    [undefined, 'default', true],
    [undefined, 'host', false],
    ['spot', 'default', false],
    ['spot', 'default', false],
  ]);
  await finds(true, next);
  assert.match(await ok('apply', '-auto-approve', next), /Resources: 0 added, 1 changed, 0 destroyed/);
  await finds(false, next);
  await ok('destroy', '-auto-approve', next);
  const { Hosts } = await ec2.send(new DescribeHostsCommand({ Filter: [{ Name: 'state', Values: ['available'] }] }));
  assert.deepEqual(Hosts, []);
});
