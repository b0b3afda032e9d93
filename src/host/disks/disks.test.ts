/** Disks in files: made whole, once, however many ask at a time. */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { openImages } from '../images/images.ts';
import { run } from '../programs.ts';
import { openDisks, type DiskStore } from './disks.ts';
import { dropLoop, loopDevicesOf, newLoop } from './loops.ts';

const noControl = !existsSync('/sys/fs/cgroup/blkio/blkio.throttle.write_bps_device');
const reason =
  process.getuid?.() !== 0 ? 'NOT RUN: loop devices need root' : noControl && 'NOT RUN: blkio of the first version of control groups';

void suite('disks in files', { skip: process.platform !== 'linux' && 'copies are made by GNU cp' }, () => {
  let directory: string;
  let disks: DiskStore;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'haneul-disks-'));
    disks = openDisks(join(directory, 'disks'), openImages(join(directory, 'images')));
  });
  after(() => rm(directory, { recursive: true }));

  test('an operation and a reconciler that ask for one copy at a time both get it', async () => {
    await disks.create('vol-1', { bytes: 8 * 1024 * 1024 });
    await disks.write('vol-1', 4096, Buffer.from('remember me'));
    await Promise.all(Array.from({ length: 8 }, () => disks.copy('vol-1', 'cut-1')));
    assert.equal((await disks.read('cut-1', 4096, 11)).toString(), 'remember me');
    assert.deepEqual((await readdir(join(directory, 'disks'))).sort(), ['cut-1.disk', 'vol-1.disk']);
  });

  test('a device is no faster than its disk is said to be, and is free for its next user', { skip: reason }, async () => {
    await disks.create('vol-slow', { bytes: 16 * 1024 * 1024 });
    await disks.limit('vol-slow', { operationsPerSecond: 1000, bytesPerSecond: 1024 * 1024 });
    const device = await disks.device('vol-slow');
    const limits = () => readFile('/sys/fs/cgroup/blkio/blkio.throttle.write_bps_device', 'utf8');
    const number = (await run('lsblk', ['--noheadings', '--output', 'MAJ:MIN', device])).toString().trim();
    try {
      const begun = process.hrtime.bigint();
      await run('dd', ['if=/dev/zero', `of=${device}`, 'bs=256k', 'count=12', 'oflag=direct']);
      const milliseconds = Number(process.hrtime.bigint() - begun) / 1e6;
      assert.ok(milliseconds > 1500, `3 MiB were written in ${milliseconds} ms`);
      await disks.limit('vol-slow', { operationsPerSecond: 1000, bytesPerSecond: 64 * 1024 * 1024 });
      assert.match(await limits(), new RegExp(`^${number} 67108864$`, 'm'));
    } finally {
      await disks.release('vol-slow');
    }
    assert.doesNotMatch(await limits(), new RegExp(`^${number} `, 'm'));
  });

  test(
    'a device that somebody else gives back at this moment is as good as given back',
    { skip: process.getuid?.() === 0 ? false : reason },
    async () => {
      await disks.create('vol-loop', { bytes: 1024 * 1024 });
      const file = disks.path('vol-loop');
      const device = await newLoop(file);
      await Promise.all(Array.from({ length: 4 }, () => dropLoop(device, file)));
      assert.deepEqual(await loopDevicesOf(file), []);
    },
  );

  test('a copy that could not be made is made by the next one who asks', async () => {
    await assert.rejects(disks.copy('vol-2', 'cut-2'));
    await disks.create('vol-2', { bytes: 4096 });
    await disks.copy('vol-2', 'cut-2');
    assert.equal((await disks.state('cut-2'))!.bytes, 4096);
  });
});
