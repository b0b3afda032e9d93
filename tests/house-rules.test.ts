/** Rules of the house that need the running definitions: each operation is authorised, and called by a test through the SDK. */

import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { services } from '../src/services.ts';

const root = join(import.meta.dirname, '..');

for (const [name, load] of Object.entries(services)) {
  test(`${name}: every operation is authorised`, async () => {
    const { operations, authorize } = await load();
    assert.ok(Object.keys(operations).length > 0);
    assert.deepEqual(
      Object.keys(operations).filter((operation) => !Object.hasOwn(authorize, operation)),
      [],
    );
    assert.deepEqual(
      Object.keys(authorize).filter((operation) => !Object.hasOwn(operations, operation)),
      [],
    );
  });

  test(`${name}: every operation is called by a test through the SDK`, async () => {
    const { operations } = await load();
    // DynamoDB Streams is a service to clients, and a folder of DynamoDB here.
    const folder = name === 'dynamodb-streams' ? 'dynamodb' : name;
    const files = globSync([`src/services/${folder}/**/*.test.ts`, 'tests/**/*.test.ts'], { cwd: root });
    const called = new Set(
      files.flatMap((file) =>
        [...readFileSync(join(root, file), 'utf8').matchAll(/new (?:\w+\.)?(\w+)Command\(/g)].map((match) => match[1]!),
      ),
    );
    assert.deepEqual(
      Object.keys(operations).filter((operation) => !called.has(operation)),
      [],
    );
  });
}
