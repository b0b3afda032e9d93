/** A full disk refuses writes with one clear error, loses nothing, and takes writes again when there is space. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

// In a mount namespace of its own: nothing is left behind, whatever happens to the test.
const canMount = process.getuid!() === 0 && spawnSync('unshare', ['--mount', 'true']).status === 0;

test('a full disk', { skip: canMount ? false : 'needs root and unshare(1), to mount a small tmpfs' }, (context) => {
  const directory = mkdtempSync(join(tmpdir(), 'haneul-full-'));
  after(() => rmSync(directory, { recursive: true }));
  const script = 'mount -t tmpfs -o size=12m tmpfs "$0" && exec "$1" "$2" "$0"';
  const child = spawnSync(
    'unshare',
    ['--mount', 'sh', '-c', script, directory, process.execPath, join(import.meta.dirname, 'full-disk-scenario.ts')],
    { encoding: 'utf8' },
  );
  assert.equal(child.status, 0, child.stderr);
  context.diagnostic(child.stdout.trim());
});
