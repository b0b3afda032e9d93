/** Attempts of one who has taken over the emulator of a machine: they run in its place, all of which must fail. They act only on what this test has made. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { virtualObstacle } from '../../src/host/machines/drivers.ts';
import { readConsole } from '../../src/host/machines/console.ts';
import { stateOf } from '../../src/host/machines/folder.ts';
import { runDirectoryOf } from '../../src/host/machines/run-directory.ts';
import { superviseBy } from '../../src/host/machines/supervision.ts';
import { makeGroups, removeGroups } from '../../src/host/machines/virtual/limits.ts';
import { run } from '../../src/host/programs.ts';
import { eventually, needsRoot, openWorkshop, type Workshop } from '../../src/host/machines/tests/workshop.ts';

const attemptsMin = 40;
const id = 'i-taken';
const user = '805306999';
const supervisor = join(import.meta.dirname, '../../src/host/machines/virtual/supervisor.pl');
/** A guest of user-mode-linux has a process of the host for each of its own: their number is bounded higher. */
const bounded = 'more processes than allowed';
const otherMachine = process.arch === 'x64' ? false : 'SKIPPED: the attempts are written for x86-64';

void suite('escapes of emulators', { skip: needsRoot ?? (await virtualObstacle()) ?? otherMachine }, () => {
  let shop: Workshop;
  let target: string;
  let disk: string;
  const victim = spawn('sleep', ['600'], { stdio: 'ignore' });
  const server = createServer((socket) => socket.end('here\n'));

  before(async () => {
    shop = await openWorkshop();
    target = await mkdtemp(join(tmpdir(), 'haneul-target-'));
    await writeFile(join(target, 'marker'), 'secret of the host\n');
    await writeFile(join(target, 'disk'), Buffer.alloc(1024 * 1024, 'secret of the host\n'));
    disk = (await run('losetup', ['--find', '--show', join(target, 'disk')])).toString().trim();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    await run('ip', ['-n', shop.network, 'link', 'set', 'lo', 'up']);
  });
  after(async () => {
    victim.kill('SIGKILL');
    server.close();
    await shop.close();
    await run('losetup', ['--detach', disk]);
    await rm(target, { recursive: true });
  });

  test('no attempt in the place of an emulator gets out', async () => {
    const directory = join(shop.directory, 'virtual');
    const means = { directory, directories: [directory], run: await runDirectoryOf(directory), disks: shop.disks, images: shop.images };
    const { record } = await shop.images.open('haneul-tiny');
    await shop.disks.create(`root-${id}`, { bytes: record.bytes, image: 'haneul-tiny' });
    const folder = join(directory, id);
    for (const name of ['jail', 'control']) await mkdir(join(means.run.path, 'machines', id, name), { recursive: true });
    await mkdir(folder, { recursive: true });
    const given = {
      ...{ marker: join(target, 'marker'), data: shop.directory, pid: String(victim.pid) },
      ...{ loopback: String((server.address() as AddressInfo).port), loop: disk.slice('/dev/loop'.length) },
    };
    await writeFile(join(folder, 'command'), ['/usr/bin/perl', '/volumes/escapes', ...Object.entries(given).flat()].join('\0'));
    await writeFile(join(folder, 'shown'), ['/volumes/escapes', join(import.meta.dirname, 'escapes.pl')].join('\0'));
    const groups = await makeGroups(means.run, id, { memoryBytes: 256 * 1024 * 1024, vcpus: 1 });
    await superviseBy(supervisor, means, shop.spec(id), { user, groups: groups.join(':'), memory: '1048576', lines: '', volume: '' });
    await eventually(async () => (await stateOf(directory, id)).state === 'ended');
    const shown = (await readConsole(folder, 1024 * 1024)).toString();
    await removeGroups(means.run, id);
    await rm(means.run.path, { recursive: true });
    const attempts = shown
      .split('\n')
      .filter((line) => line.includes('\t'))
      .map((line) => line.split('\t') as [name: string, how: string]);
    assert.ok(attempts.length >= attemptsMin, shown);
    assert.deepEqual(
      attempts.filter(([name, how]) => how !== 'blocked' && name !== bounded).map(([name, how]) => `${name}: ${how}`),
      [],
    );
  });
});
