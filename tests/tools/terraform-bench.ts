/** Terraform with the unmodified AWS provider, in a directory of its own with one of our modules. */

import assert from 'node:assert/strict';
import { accessSync } from 'node:fs';
import { copyFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import type { CloudOptions } from '../../src/cloud.ts';
import { absent, accountHosts, openWorkbench, programs, type Outcome, type Workbench } from './workbench.ts';

const terraform = programs('terraform')[0];
/** Terraform takes providers from a folder; without one it would have to fetch hundreds of megabytes. */
const mirror = ['/opt/tf-plugins', '/usr/local/share/terraform/plugins', '/usr/share/terraform/plugins'].find((directory) =>
  exists(join(directory, 'registry.terraform.io/hashicorp/aws')),
);

export const terraformIsAbsent =
  absent('Terraform', terraform !== undefined) || absent('Terraform AWS provider (in /opt/tf-plugins)', mirror !== undefined);

export type Terraform = {
  bench: Workbench;
  /** Runs a command that must succeed, and gives what it printed. */
  ok(command: string, ...args: string[]): Promise<string>;
  /** Plans, and checks that there is something to change, or nothing. */
  finds(changes: boolean, ...variables: string[]): Promise<void>;
};

/** Its provider waits for settings of AWS to have spread, some of them for a minute. */
const runMillisecondsMax = 300_000;
/** Commands that walk the resources: more than four at a time do not make them faster here. */
const walking = new Set(['apply', 'plan', 'destroy']);

/** @param module the folder beside this file that holds the module's `main.tf`. */
export async function openTerraform(t: TestContext, module: string, options: Partial<CloudOptions> = {}): Promise<Terraform> {
  const bench = await openWorkbench(options);
  t.after(() => bench.close());
  const directory = dirname(await bench.place('module/main.tf'));
  await copyFile(join(import.meta.dirname, module, 'main.tf'), join(directory, 'main.tf'));
  const configuration = join(bench.home, '.terraformrc');
  await writeFile(
    configuration,
    `disable_checkpoint = true\nprovider_installation {\n  filesystem_mirror {\n    path    = "${mirror}"\n    include = ["registry.terraform.io/*/*"]\n  }\n}\n`,
  );
  const env = { TF_CLI_CONFIG_FILE: configuration, TF_IN_AUTOMATION: '1', TF_INPUT: '0', ...accountHosts(bench.cloud) };
  const run = (command: string, args: readonly string[]): Promise<Outcome> =>
    bench.run(terraform!, [command, '-no-color', ...(walking.has(command) ? ['-parallelism=4'] : []), ...args], {
      ...{ cwd: directory, env },
      milliseconds: runMillisecondsMax,
    });
  return {
    bench,
    ok: async (command, ...args) => {
      const { code, stdout, stderr } = await run(command, args);
      assert.equal(code, 0, `terraform ${command} ${args.join(' ')}\n${stdout}${stderr}`);
      return stdout;
    },
    finds: async (changes, ...variables) => {
      const { code, stdout, stderr } = await run('plan', ['-detailed-exitcode', ...variables]);
      assert.equal(code, changes ? 2 : 0, stdout + stderr);
    },
  };
}

function exists(path: string): boolean {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
}
