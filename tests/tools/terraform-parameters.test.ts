/** Terraform keeps parameters of every kind: an empty plan, a change in place, destroy. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DescribeParametersCommand, GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { simulatedHost } from '../../src/host/simulated/host.ts';
import { openTerraform, terraformIsAbsent } from './terraform-bench.ts';

test('Terraform writes parameters and reads them back', { skip: terraformIsAbsent }, async (t) => {
  const { bench, ok, finds } = await openTerraform(t, 'terraform-parameters', { host: simulatedHost() });
  const ssm = bench.cloud.client(SSMClient);
  const next = '-var=url=postgres://two';
  await ok('init');
  assert.match(await ok('apply', '-auto-approve'), /Apply complete! Resources: 6 added, 0 changed, 0 destroyed/);
  await finds(false);
  assert.deepEqual(JSON.parse(await ok('output', '-json', 'names')), ['/app/db/password', '/app/db/url', '/app/hosts', '/app/image']);
  assert.match(await ok('apply', '-auto-approve', next), /Resources: 0 added, 1 changed, 0 destroyed/);
  await finds(false, next);
  const { Parameter } = await ssm.send(new GetParameterCommand({ Name: '/app/db/url' }));
  assert.deepEqual([Parameter!.Value, Parameter!.Version], ['postgres://two', 2]);
  await ok('destroy', '-auto-approve', next);
  assert.deepEqual((await ssm.send(new DescribeParametersCommand({}))).Parameters, []);
});
