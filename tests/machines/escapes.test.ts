/** Attempts to get out of a container instance, all of which must fail. They act only on what this test has made itself. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { run } from '../../src/host/programs.ts';
import { needsRoot, openWorkshop, type Workshop } from '../../src/host/machines/tests/workshop.ts';

const attemptsMin = 130;
const id = 'i-escape';
/** Room for as many processes as it may have, all at once. */
const memoryBytes = 1024 * 1024 * 1024;

void suite('escapes', { skip: needsRoot ?? (process.arch === 'x64' ? false : 'SKIPPED: the attempts are written for x86-64') }, () => {
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
    await shop.start(id, { image: 'haneul-host', memoryBytes });
    await shop.disks.create('vol-escape', { bytes: 16 * 1024 * 1024 });
    await shop.machines.attach(id, '/dev/sdf', 'vol-escape');
    await shop.ask(id, 'mkfs.ext4', '-q', '/dev/sdf');
  });
  after(async () => {
    victim.kill('SIGKILL');
    server.close();
    await shop.close();
    await run('losetup', ['--detach', disk]);
    await rm(target, { recursive: true });
  });

  test('no attempt from inside gets out', async () => {
    const given = {
      ...{ marker: join(target, 'marker'), data: shop.directory, pid: String(victim.pid) },
      ...{ loopback: String((server.address() as AddressInfo).port), loop: disk.slice('/dev/loop'.length) },
      ...{ host_disk: String((await stat(target)).dev), volume: '/dev/sdf' },
    };
    const script = await readFile(join(import.meta.dirname, 'escapes.pl'), 'utf8');
    const command = ['perl', '-', ...Object.entries(given).flat()];
    const { code, output } = await shop.machines.execute(id, command, { input: script, milliseconds: 300_000 });
    const attempts = output
      .toString()
      .split('\n')
      .filter((line) => line.includes('\t'))
      .map((line) => line.split('\t') as [name: string, how: string]);
    assert.equal(code, 0, output.toString());
    assert.ok(attempts.length >= attemptsMin, output.toString());
    assert.deepEqual(
      attempts.filter(([, how]) => how !== 'blocked').map(([name]) => name),
      [],
    );
  });

  test('the targets could have been reached: from outside each of them answers', async () => {
    assert.equal(await readFile(join(target, 'marker'), 'utf8'), 'secret of the host\n');
    assert.match((await run('head', ['-c', '64', disk])).toString(), /secret of the host/);
    assert.ok(process.kill(victim.pid!, 0));
    assert.match(await readFile('/proc/kallsyms', 'utf8'), /./);
  });

  test('its disk is full when its volume is, and the host has room', async () => {
    const filled = await shop.ask(id, 'sh', '-c', 'fallocate -l 20G /root/fill; df -m / | tail -n 1; rm -f /root/fill');
    assert.match(filled, /No space left/);
  });

  test('what takes more memory than the instance has is killed inside, and nothing outside', async () => {
    const script = 'my $text = "x" x (1200 * 1024 * 1024); print length $text';
    assert.doesNotMatch(await shop.ask(id, 'perl', '-e', script), /1258291200/);
    assert.equal(await shop.ask(id, 'echo', 'alive'), 'alive');
  });

  test('a handle on a volume opens nothing once the volume has been taken away', async () => {
    const hold = `sysopen(my $held, "/dev/sdf", 010000000) or die; open(my $said, ">", "/root/held"); close $said;
      select(undef, undef, undef, 0.05) while !-e "/root/look";
      print open(my $again, "<", "/proc/self/fd/" . fileno $held) ? "ESCAPED" : "blocked: $!"`;
    const held = shop.ask(id, 'perl', '-e', hold);
    await shop.ask(id, 'sh', '-c', 'while ! [ -e /root/held ]; do sleep 0.05; done');
    assert.equal(await shop.machines.detach(id, '/dev/sdf'), 'gone');
    await shop.ask(id, 'touch', '/root/look');
    assert.equal(await held, 'blocked: Permission denied');
  });

  test('other users of the host are nobody inside, and files made inside belong to none of them', async () => {
    await shop.ask(id, 'touch', '/root/mine');
    const [running] = (await readFile(join(shop.directory, 'machines', id, 'running'), 'utf8')).split(' ');
    const status = await readFile(`/proc/${running}/status`, 'utf8');
    const uid = Number(/^Uid:\s+(\d+)/m.exec(status)![1]);
    assert.ok(uid >= 0x4000_0000, `the first process runs as ${uid}`);
    assert.match(status, /^Seccomp:\s+2$/m);
    assert.match(status, /^CapBnd:\s+00000000a84425fb$/m);
  });
});
