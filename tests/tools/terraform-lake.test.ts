/** Terraform's tables of Glue, and a delivery stream that converts by one: apply, an empty plan, a change, destroy. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GetDatabasesCommand, GetTableCommand, GlueClient } from '@aws-sdk/client-glue';
import { openTerraform, terraformIsAbsent } from './terraform-bench.ts';

test('Terraform and a lake', { skip: terraformIsAbsent }, async (t) => {
  const terraform = await openTerraform(t, 'terraform-lake');
  const glue = terraform.bench.cloud.client(GlueClient);
  await terraform.ok('init');
  assert.match(await terraform.ok('apply', '-auto-approve'), /Apply complete! Resources: 6 added, 0 changed, 0 destroyed/);
  await terraform.finds(false);
  const columns = '-var=columns={id="bigint",what="string",when="timestamp"}';
  await terraform.ok('apply', '-auto-approve', columns);
  await terraform.finds(false, columns);
  const { Table } = await glue.send(new GetTableCommand({ DatabaseName: 'lake', Name: 'events' }));
  assert.deepEqual([Table!.VersionId, Table!.StorageDescriptor!.Columns!.map(({ Name }) => Name)], ['1', ['id', 'what', 'when']]);
  await terraform.ok('destroy', '-auto-approve', columns);
  assert.deepEqual((await glue.send(new GetDatabasesCommand({}))).DatabaseList, []);
});
