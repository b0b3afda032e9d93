/** Terraform runs a machine with its key and a data volume: apply, an empty plan, a change in place, an empty plan again, destroy. */

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { DescribeInstancesCommand, DescribeVolumesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { simulatedHost } from '../../src/host/simulated/host.ts';
import { openTerraform, terraformIsAbsent } from './terraform-bench.ts';

test('Terraform runs a machine, finds nothing to change, changes it and takes it away', { skip: terraformIsAbsent }, async (t) => {
  const { bench, ok, finds } = await openTerraform(t, 'terraform-machines', { host: simulatedHost() });
  const ec2 = bench.cloud.client(EC2Client);
  const key = `-var=public_key=${opensshKey()}`;
  const next = [key, '-var=stage=next', '-var=size=3'];
  await ok('init');
  assert.match(await ok('apply', '-auto-approve', key), /Apply complete! Resources: \d+ added, 0 changed, 0 destroyed/);
  await finds(false, key);
  const before = await running(ec2);
  await finds(true, ...next);
  assert.match(await ok('apply', '-auto-approve', ...next), /Resources: 0 added, 2 changed, 0 destroyed/);
  await finds(false, ...next);
  assert.deepEqual(await running(ec2), before);
  await ok('destroy', '-auto-approve', ...next);
  assert.deepEqual(await running(ec2), []);
  assert.deepEqual((await ec2.send(new DescribeVolumesCommand({}))).Volumes, []);
});

async function running(ec2: EC2Client): Promise<(string | undefined)[]> {
  const Filters = [{ Name: 'instance-state-name', Values: ['running'] }];
  const { Reservations } = await ec2.send(new DescribeInstancesCommand({ Filters }));
  return Reservations!.flatMap(({ Instances }) => Instances!.map((one) => one.InstanceId));
}

function opensshKey(): string {
  const raw = Buffer.from(generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }).x!, 'base64url');
  const sized = (bytes: Buffer): Buffer => Buffer.concat([Buffer.of(0, 0, 0, bytes.length), bytes]);
  return `ssh-ed25519 ${Buffer.concat([sized(Buffer.from('ssh-ed25519')), sized(raw)]).toString('base64')}`;
}
