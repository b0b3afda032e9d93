/** Terraform with the unmodified AWS provider: apply, an empty plan, a change, an empty plan again, destroy. */

import assert from 'node:assert/strict';
import { accessSync } from 'node:fs';
import { copyFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { GetUserCommand, IAMClient } from '@aws-sdk/client-iam';
import { GetObjectCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { absent, openWorkbench, programs, type Outcome } from './workbench.ts';

const terraform = programs('terraform')[0];
/** Terraform takes providers from a folder; without one it would have to fetch hundreds of megabytes. */
const mirror = ['/opt/tf-plugins', '/usr/local/share/terraform/plugins', '/usr/share/terraform/plugins'].find((directory) =>
  exists(join(directory, 'registry.terraform.io/hashicorp/aws')),
);
const missing = absent('Terraform', terraform !== undefined) || absent('Terraform AWS provider (in /opt/tf-plugins)', mirror !== undefined);

test('Terraform applies, finds nothing to change, changes and destroys', { skip: missing }, async (t) => {
  const bench = await openWorkbench();
  t.after(() => bench.close());
  const directory = dirname(await bench.place('module/main.tf'));
  await copyFile(join(import.meta.dirname, 'terraform', 'main.tf'), join(directory, 'main.tf'));
  const configuration = join(bench.home, '.terraformrc');
  await writeFile(
    configuration,
    `disable_checkpoint = true\nprovider_installation {\n  filesystem_mirror {\n    path    = "${mirror}"\n    include = ["registry.terraform.io/*/*"]\n  }\n}\n`,
  );
  const env = { TF_CLI_CONFIG_FILE: configuration, TF_IN_AUTOMATION: '1', TF_INPUT: '0' };
  const run = (...args: string[]): Promise<Outcome> => bench.run(terraform!, [...args, '-no-color'], { cwd: directory, env });
  const ok = (...args: string[]): Promise<string> => bench.ok(terraform!, [...args, '-no-color'], { cwd: directory, env });
  const finds = async (changes: boolean, ...variables: string[]): Promise<void> => {
    const plan = await run('plan', '-detailed-exitcode', '-parallelism=4', ...variables);
    assert.equal(plan.code, changes ? 2 : 0, plan.stdout + plan.stderr);
  };
  const s3 = bench.cloud.client(S3Client);
  const page = async (bucket: string): Promise<string> =>
    (await s3.send(new GetObjectCommand({ Bucket: bucket, Key: 'pages/한글 page.html' }))).Body!.transformToString();

  await ok('init');
  assert.match(await ok('apply', '-auto-approve', '-parallelism=4'), /Apply complete! Resources: 19 added, 0 changed, 0 destroyed/);
  assert.equal(await page('terraform-data-test'), '<p>test</p>');
  await finds(false);

  // A new stage replaces the bucket and rewrites policies, descriptions and trust in place.
  await finds(true, '-var=stage=next');
  await ok('apply', '-auto-approve', '-parallelism=4', '-var=stage=next');
  assert.equal(await page('terraform-data-next'), '<p>next</p>');
  await finds(false, '-var=stage=next');
  assert.deepEqual(JSON.parse(await ok('output', '-json', 'account')), '000000000000');

  await ok('destroy', '-auto-approve', '-parallelism=4', '-var=stage=next');
  assert.deepEqual((await s3.send(new ListBucketsCommand())).Buckets ?? [], []);
  await assert.rejects(bench.cloud.client(IAMClient).send(new GetUserCommand({ UserName: 'ada' })), { name: 'NoSuchEntityException' });
});

function exists(path: string): boolean {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
}
