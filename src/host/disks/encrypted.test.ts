/** Encrypted disks: on the host's disk lies nothing of what is written, whether by this process or through a loop device. */

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, open, readFile, readdir, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { openImages } from '../images/images.ts';
import { run } from '../programs.ts';
import { openDisks, type DiskStore } from './disks.ts';
import { loopDevices } from './loops.ts';

const mebibyte = 1024 * 1024;
const key = randomBytes(32);
const secret = Buffer.alloc(70_000, 'tell nobody ');

void suite('encrypted disks in files', { skip: process.platform !== 'linux' && 'copies are made by GNU cp' }, () => {
  let directory: string;
  let disks: DiskStore;
  const reopened = (): DiskStore => openDisks(join(directory, 'disks'), openImages(join(directory, 'images')));
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'haneul-sealed-'));
    disks = reopened();
  });
  after(() => rm(directory, { recursive: true }));

  test('bytes come back as they were written, and are nowhere in the file', async () => {
    await disks.create('vol-1', { bytes: 8 * mebibyte, key });
    await disks.write('vol-1', 123_456, secret);
    assert.ok((await disks.read('vol-1', 123_456, secret.length)).equals(secret));
    assert.deepEqual(await disks.read('vol-1', 4 * mebibyte, 3), Buffer.alloc(3));
    assert.ok(!(await readFile(disks.path('vol-1'))).includes('tell nobody'));
    assert.deepEqual(await disks.extents('vol-1'), [{ start: 122_880, end: 196_608 }]);
  });

  test('another process needs the key, and a copy that key too', async () => {
    const other = reopened();
    await assert.rejects(other.read('vol-1', 0, 1), { name: 'DiskLocked' });
    await assert.rejects(other.write('vol-1', 0, Buffer.from('x')), { name: 'DiskLocked' });
    await assert.rejects(other.device('vol-1'), { name: 'DiskLocked' });
    await assert.rejects(other.unlock('vol-1', randomBytes(32)), { name: 'DiskLocked' });
    await other.copy('vol-1', 'cut-1');
    await assert.rejects(other.read('cut-1', 0, 1), { name: 'DiskLocked' });
    await other.unlock('cut-1', key);
    assert.ok((await other.read('cut-1', 123_456, 12)).equals(Buffer.from('tell nobody ').subarray(0, 12)));
    await other.rename('cut-1', 'vol-2');
    assert.ok((await other.read('vol-2', 123_456, 12)).equals(secret.subarray(0, 12)));
    assert.ok(await other.isEncrypted('vol-2'));
    await other.delete('vol-2');
    assert.deepEqual((await readdir(join(directory, 'disks'))).sort(), ['vol-1.disk', 'vol-1.lock']);
  });

  const reason = process.getuid?.() !== 0 ? 'NOT RUN: loop devices need root' : false;
  test('what goes through its loop device is encrypted, grows with it, and nothing is left of it', { skip: reason }, async () => {
    await disks.create('vol-3', { bytes: 32 * mebibyte, key });
    const device = await disks.device('vol-3');
    assert.equal(await disks.device('vol-3'), device);
    try {
      await run('mkfs.ext4', ['-q', device]);
      const file = await open(device, 'r+');
      await file.write(secret, 0, secret.length, 20 * mebibyte + 512);
      await file.sync();
      await file.close();
      assert.ok((await disks.read('vol-3', 20 * mebibyte + 512, secret.length)).equals(secret));
      assert.ok(!(await readFile(disks.path('vol-3'))).includes('tell nobody'));
      await disks.grow('vol-3', 48 * mebibyte);
      assert.equal((await run('blockdev', ['--getsize64', device])).toString().trim(), String(48 * mebibyte));
      await run('resize2fs', [device]);
      await run('e2fsck', ['-f', '-n', device]);
    } finally {
      await disks.release('vol-3');
    }
    for (let waited = 0; (await traces(directory)).length > 0; waited += 50) {
      assert.ok(waited < 30_000, (await traces(directory)).join('\n'));
      await pause(50);
    }
  });
});

/** Loop devices and processes on behalf of a directory. */
async function traces(directory: string): Promise<string[]> {
  const loops = (await loopDevices()).filter(({ file }) => file.startsWith(directory)).map(({ device }) => device);
  const found = [...loops];
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const links = await readdir(`/proc/${pid}/fd`).catch(() => []);
    if (pid === String(process.pid) || links.length === 0) continue;
    for (const link of links) {
      const target = await readlink(`/proc/${pid}/fd/${link}`).catch(() => '');
      if (target.startsWith(directory)) found.push(`${pid} ${target}`);
    }
  }
  return found;
}
