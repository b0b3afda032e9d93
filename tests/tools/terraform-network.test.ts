/** Terraform builds a VPC with everything around it: apply, an empty plan, a change, an empty plan again, destroy. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { simulatedHost } from '../../src/host/simulated/host.ts';
import { openTerraform, terraformIsAbsent } from './terraform-bench.ts';

test('Terraform builds a network, finds nothing to change, changes it and takes it away', { skip: terraformIsAbsent }, async (t) => {
  const { bench, ok, finds } = await openTerraform(t, 'terraform-network', { host: simulatedHost() });
  await ok('init');
  assert.match(await ok('apply', '-auto-approve'), /Apply complete! Resources: \d+ added, 0 changed, 0 destroyed/);
  await finds(false);
  await finds(true, '-var=stage=next');
  await ok('apply', '-auto-approve', '-var=stage=next');
  await finds(false, '-var=stage=next');
  await ok('destroy', '-auto-approve', '-var=stage=next');
  const { Vpcs } = await bench.cloud.client(EC2Client).send(new DescribeVpcsCommand({}));
  assert.deepEqual(
    Vpcs!.map((vpc) => vpc.IsDefault),
    [true],
  );
});
