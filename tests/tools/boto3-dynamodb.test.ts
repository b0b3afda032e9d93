/** boto3's resource interface to DynamoDB: the journey of boto3_dynamodb_journey.py, whose every test is reported here by its name. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { absent, ask, openWorkbench, programs } from './workbench.ts';

const python = await pythonWithBoto3();

test('tables of boto3', { skip: absent('Python with boto3', python !== undefined) }, async (t) => {
  const bench = await openWorkbench();
  t.after(() => bench.close());
  const { stdout, stderr } = await bench.run(python!, ['-B', join(import.meta.dirname, 'boto3_dynamodb_journey.py')]);
  const results = [...stderr.matchAll(/^(test_\w+) \(.*\) \.\.\. (\w+)/gm)];
  for (const [, name, result] of results) await t.test(name!.replaceAll('_', ' '), () => assert.equal(result, 'ok', stderr));
  assert.match(stderr, /^OK$/m, stdout + stderr);
  assert.equal(results.length, 6);
});

async function pythonWithBoto3(): Promise<string | undefined> {
  for (const program of programs('python3')) if ((await ask(program, ['-c', 'import boto3'])).code === 0) return program;
  return undefined;
}
