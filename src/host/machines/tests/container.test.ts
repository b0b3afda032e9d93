/** Real containers on this host: start, console, disks, ends, adoption, and nothing left behind. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { glob, mkdir, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { after, before, suite, test } from 'node:test';
import { join } from 'node:path';
import { MachineFailed } from '../../../framework/machines.ts';
import { openMachines } from '../machines.ts';
import { openScripts } from '../scripts.ts';
import { run } from '../../programs.ts';
import { hasRunDirectory, runDirectoryOf } from '../run-directory.ts';
import { eventually, leftBehind, needsRoot, openWorkshop, type Workshop } from './workshop.ts';

/** Microseconds of processor time in a tenth of a second, as the kernel has it. */
async function quotaOf(id: string): Promise<number> {
  for await (const file of glob([`/sys/fs/cgroup/cpu/haneul/*/${id}/cpu.cfs_quota_us`, `/sys/fs/cgroup/haneul/*/${id}/cpu.max`]))
    return Number((await readFile(file, 'utf8')).split(' ')[0]);
  throw new Error(`${id} has no control group`);
}

void suite('containers', { skip: needsRoot ?? false }, () => {
  let shop: Workshop;
  before(async () => {
    shop = await openWorkshop();
  });
  after(async () => {
    await shop.close();
    assert.deepEqual(await leftBehind(shop.directory), []);
  });

  test('a machine boots from its own volume, and its root is nobody on the host', async () => {
    await shop.start('i-boot', { memoryBytes: 128 * 1024 * 1024 });
    assert.equal(await shop.ask('i-boot', 'id', '-u'), '0');
    assert.equal(await shop.ask('i-boot', 'hostname'), 'i-boot');
    const [state] = await shop.machines.list();
    assert.equal(state!.state, 'running');
    assert.match(await shop.ask('i-boot', 'cat', '/proc/self/uid_map'), /^0 +1073741824 +65536$/);
    await shop.machines.remove('i-boot');
  });

  test('what it writes is on its volume at the next start, and its console goes on', async () => {
    const spec = await shop.start('i-keep');
    await shop.ask('i-keep', 'sh', '-c', 'echo kept > /root/file');
    await shop.machines.shutDown('i-keep', 30_000);
    const ended = await eventually(async () => (await shop.machines.list()).find(({ id, state }) => id === 'i-keep' && state === 'ended'));
    assert.deepEqual(ended, { id: 'i-keep', state: 'ended', how: { kind: 'halted' } });
    await shop.machines.start(spec);
    assert.equal(await shop.ask('i-keep', 'cat', '/root/file'), 'kept');
    await eventually(async () => ((await shop.machines.console('i-keep', 65_536)).toString().match(/booting/g) ?? []).length === 2);
    await shop.machines.remove('i-keep');
  });

  test('a root volume is checked before each start but the first of all', async () => {
    const isChecked = async (): Promise<boolean> => {
      const [supervisor] = (await readFile(join(shop.directory, 'machines', 'i-new', 'supervisor'), 'utf8')).split(' ');
      const words = (await readFile(`/proc/${supervisor}/cmdline`, 'utf8')).split('\0');
      return words[words.indexOf('check') + 1] !== '';
    };
    const spec = await shop.start('i-new', { rootIsNew: true });
    assert.equal(await isChecked(), false);
    await shop.machines.kill('i-new');
    await shop.machines.start(spec);
    assert.equal(await isChecked(), true);
    await shop.machines.remove('i-new');
    await shop.start('i-new');
    assert.equal(await isChecked(), true);
    await shop.machines.remove('i-new');
  });

  test('links that lie where a root volume is laid out lead nowhere', async () => {
    const outside = await mkdtemp(join(shop.directory, 'outside-'));
    const lay = 'mount -o loop "$1" "$2" && mv "$2/$3" "$2/$3.before" && ln -s "$4" "$2/$3" && umount "$2"';
    for (const place of ['root', 'root/usr', 'layer', 'layer/upper', 'layer/work']) {
      const id = `i-${place.replace('/', '-')}`;
      const spec = shop.spec(id, { image: 'haneul-host' });
      const { record } = await shop.images.open(spec.image);
      await shop.disks.create(spec.rootDisk, { bytes: record.bytes, image: spec.image });
      await run('unshare', [
        '--mount',
        'sh',
        '-c',
        lay,
        'sh',
        shop.disks.path(spec.rootDisk),
        await mkdtemp(join(shop.directory, 'at-')),
        place,
        outside,
      ]);
      await assert.rejects(shop.machines.start(spec), /symbolic links/, place);
      await shop.machines.remove(id);
    }
    assert.deepEqual(await readdir(outside), []);
  });

  test("Haneul's own programs are the same for all, nobody inside writes to them, and old ones go when nobody has them", async () => {
    await shop.start('i-programs');
    assert.match(await shop.ask('i-programs', 'sh', '-c', 'echo : > /var/lib/haneul/init'), /Read-only file system/);
    const numbers = 'stat -L -c %d:%i /proc/1/exe /var/lib/haneul/busybox';
    const [first, second] = (await shop.ask('i-programs', 'sh', '-c', numbers)).split('\n');
    assert.equal(first, second);
    const place = join(shop.directory, 'guest-programs');
    const [present] = await readdir(place);
    await mkdir(join(place, '0123456789abcdef'));
    await shop.reopen().list();
    assert.deepEqual(await readdir(place), [present]);
    await shop.machines.remove('i-programs');
  });

  test('what runc has started is entered and ended by a Haneul that starts others with crun', async () => {
    const older = openMachines(join(shop.directory, 'machines'), shop.disks, shop.images, 'container', 'runc');
    await shop.disks.create('root-i-runc', { bytes: 8 * 1024 ** 3, image: 'haneul-tiny' });
    await older.start(shop.spec('i-runc'));
    assert.equal(await shop.ask('i-runc', 'hostname'), 'i-runc');
    const terminal = await shop.machines.terminal('i-runc', { columns: 80, rows: 25 });
    terminal.stream.resume();
    terminal.stream.write('exit 7\r');
    assert.equal(await terminal.ended, 7);
    await shop.machines.kill('i-runc');
    await shop.machines.start(shop.spec('i-runc'));
    assert.equal(await shop.ask('i-runc', 'hostname'), 'i-runc');
    await shop.machines.remove('i-runc');
  });

  test('a script goes on by itself, tells its output and code, and is ended with all that it has begun', async () => {
    await shop.start('i-script');
    const scripts = openScripts(shop.machines);
    const over = (name: string) =>
      eventually(async () => {
        const seen = await scripts.look('i-script', name);
        return seen?.state === 'running' ? undefined : seen;
      });
    assert.equal(await scripts.look('i-script', 'one'), undefined);
    await scripts.begin('i-script', 'one', { text: 'echo "é $(pwd)"\necho wrong >&2\nexit 7\n', directory: '/root' });
    assert.deepEqual(await over('one'), { state: 'ended', code: 7, output: 'é /root\n', errors: 'wrong\n' });
    await scripts.begin('i-script', 'one', { text: 'echo again' });
    assert.equal(((await over('one')) as { code: number }).code, 7, 'one of this name was begun');
    await scripts.forget('i-script', 'one');
    assert.equal(await scripts.look('i-script', 'one'), undefined);

    await scripts.begin('i-script', 'long', { text: 'echo before\nsleep 4321 &\nsleep 4321\n' });
    // Another process of ours finds it as it is.
    assert.deepEqual(await openScripts(shop.machines).look('i-script', 'long'), { state: 'running' });
    await eventually(async () => (await shop.ask('i-script', 'cat', '/var/lib/haneul-scripts/long/output')) === 'before');
    await scripts.end('i-script', 'long');
    assert.deepEqual(await over('long'), { state: 'ended', code: 137, output: 'before\n', errors: '' });
    const left = 'for f in /proc/[0-9]*/cmdline; do tr "\\0" " " < $f 2> /dev/null; echo; done | grep -c "^sleep 4321" || true';
    await eventually(async () => (await shop.ask('i-script', 'sh', '-c', left)) === '0');

    await scripts.begin('i-script', 'loud', { text: 'head -c 100000 /dev/zero | tr "\\0" x\n' });
    const loud = (await over('loud')) as { output: string };
    assert.equal(loud.output.length, 24_000);
    await scripts.begin('i-script', 'nowhere', { text: 'echo no', directory: '/no/such/place' });
    const nowhere = (await over('nowhere')) as { code: number; output: string };
    assert.deepEqual([nowhere.code === 0, nowhere.output], [false, '']);
    await shop.machines.remove('i-script');
    await assert.rejects(scripts.look('i-script', 'loud'), MachineFailed);
  });

  test('a terminal has a size, carries control characters, and ends with its shell, with its machine and by hanging up', async () => {
    await shop.start('i-typed');
    const open = async () => {
      const terminal = await shop.machines.terminal('i-typed', { columns: 91, rows: 33 });
      let shown = '';
      terminal.stream.on('data', (bytes: Buffer) => (shown += bytes.toString()));
      const sees = (text: RegExp) =>
        eventually(async () => text.test(shown)).catch((cause: unknown) => assert.fail(`no ${text} in ${JSON.stringify(shown)}: ${cause}`));
      return { ...terminal, sees };
    };
    const first = await open();
    await first.sees(/[#$] /);
    first.stream.write('stty size; tty; echo $((40 + 2))\r');
    await first.sees(/33 91\r\n[^]*\/dev\/pts\/\d[^]*\r\n42\r\n/);
    first.resize({ columns: 40, rows: 12 });
    first.stream.write("sh -c 'echo be''gun; sleep 1000'\r");
    await first.sees(/begun\r\n/);
    first.stream.write('\u0003');
    first.stream.write('stty size\r');
    await first.sees(/12 40\r\n/);
    first.stream.write('exit 7\r');
    assert.equal(await first.ended, 7);
    const second = await open();
    await second.sees(/[#$] /);
    second.stream.destroy();
    await second.ended;
    const third = await open();
    await third.sees(/[#$] /);
    await shop.machines.kill('i-typed');
    await third.ended;
    await assert.rejects(shop.machines.terminal('i-typed', { columns: 80, rows: 24 }), /i-typed is not running/);
    await shop.machines.remove('i-typed');
  });

  test('a root volume that is no sound file system is not mounted', async () => {
    await shop.start('i-crafted');
    await shop.machines.kill('i-crafted');
    // The first group's descriptors and maps.
    await shop.disks.write('root-i-crafted', 4096, Buffer.alloc(64 * 1024, 0xa5));
    await assert.rejects(shop.machines.start(shop.spec('i-crafted')), /i-crafted did not start: e2fsck/);
    await shop.machines.remove('i-crafted');
  });

  test('ends from inside are told apart: halt, reboot, kill', async () => {
    for (const [command, how] of [
      ['poweroff', { kind: 'halted' }],
      ['reboot', { kind: 'reboot' }],
    ] as const) {
      const id = `i-${command}`;
      await shop.start(id);
      await eventually(async () => (await shop.machines.console(id, 65_536)).toString().includes('finished'));
      await shop.ask(id, command);
      const ended = await eventually(async () => (await shop.machines.list()).find((state) => state.id === id && state.state === 'ended'));
      assert.deepEqual(ended, { id, state: 'ended', how });
      await shop.machines.remove(id);
    }
    await shop.start('i-kill');
    await shop.machines.kill('i-kill');
    assert.deepEqual(await shop.machines.list(), [{ id: 'i-kill', state: 'ended', how: { kind: 'killed' } }]);
    await shop.machines.remove('i-kill');
  });

  test('a disk is attached while it runs, written inside, and taken away', async () => {
    await shop.start('i-disk');
    await shop.disks.create('vol-data', { bytes: 16 * 1024 * 1024 });
    await shop.machines.attach('i-disk', '/dev/sdf', 'vol-data');
    await shop.ask('i-disk', 'sh', '-c', 'printf written > /dev/sdf; sync');
    await shop.machines.detach('i-disk', '/dev/sdf');
    assert.equal((await shop.disks.read('vol-data', 0, 7)).toString(), 'written');
    assert.deepEqual(await shop.disks.extents('vol-data'), [{ start: 0, end: 4096 }]);
    assert.match(await shop.ask('i-disk', 'ls', '/dev/sdf'), /No such file/);
    await assert.rejects(shop.machines.attach('i-disk', '/dev/../sdf', 'vol-data'), /no name of a device/);
    await shop.machines.remove('i-disk');
  });

  test('a larger volume gets a larger file system, and memory is limited', async () => {
    const { record } = await shop.images.open('haneul-tiny');
    await shop.disks.create('root-i-large', { bytes: record.bytes + 2 * 1024 ** 3, image: 'haneul-tiny' });
    await shop.machines.start(shop.spec('i-large', { memoryBytes: 64 * 1024 * 1024 }));
    assert.ok(Number((await shop.ask('i-large', 'sh', '-c', 'df -m / | tail -n 1 | awk "{print \\$2}"')).trim()) > 9 * 1024);
    const filled = await shop.ask('i-large', 'sh', '-c', 'head -c 200000000 /dev/zero | tail | wc -c; echo survived');
    assert.doesNotMatch(filled, /200000000/);
    await shop.machines.remove('i-large');
  });

  test('it keeps no more processors busy than it may, and what it takes is counted', async () => {
    await shop.start('i-busy', { vcpus: 2 });
    await shop.machines.limitProcessors('i-busy', 0.2);
    assert.equal(await quotaOf('i-busy'), 20_000);
    const before = { seconds: (await shop.machines.processorSeconds('i-busy'))!, at: performance.now() };
    await shop.ask('i-busy', 'sh', '-c', 'timeout 4 sh -c "while :; do :; done"');
    const seconds = (await shop.machines.processorSeconds('i-busy'))! - before.seconds;
    const elapsed = (performance.now() - before.at) / 1000;
    // A machine of which others make use gives less, never more.
    assert.ok(seconds > 0.02 && seconds < 0.2 * elapsed + 0.3, `${seconds} s of processor time in ${elapsed} s`);
    await shop.machines.limitProcessors('i-busy', 1.5);
    assert.equal(await quotaOf('i-busy'), 150_000);
    await shop.machines.kill('i-busy');
    assert.equal(await shop.machines.processorSeconds('i-busy'), undefined);
    await shop.machines.limitProcessors('i-busy', 1);
    await shop.machines.remove('i-busy');
  });

  test('machines outlive the kill -9 of what started them, and a later one adopts them', async () => {
    await shop.disks.create('root-i-adopted', { bytes: 8 * 1024 ** 3, image: 'haneul-tiny' });
    const code = `

      const { openImages } = await import(${JSON.stringify(join(import.meta.dirname, '../../images/images.ts'))});
      const { openDisks } = await import(${JSON.stringify(join(import.meta.dirname, '../../disks/disks.ts'))});
      const { openMachines } = await import(${JSON.stringify(join(import.meta.dirname, '../machines.ts'))});
      const images = openImages(${JSON.stringify(join(shop.directory, 'images'))});
      const disks = openDisks(${JSON.stringify(join(shop.directory, 'disks'))}, images);
      const machines = openMachines(${JSON.stringify(join(shop.directory, 'machines'))}, disks, images);
      await machines.start(${JSON.stringify(shop.spec('i-adopted'))});
      process.kill(process.pid, 'SIGKILL');`;
    const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', code], { stdio: ['ignore', 'inherit', 'inherit'] });
    const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
    assert.equal(signal, 'SIGKILL');
    const [adopted] = await shop.reopen().list();
    assert.equal(adopted?.state, 'running');
    await shop.reopen().start(shop.spec('i-adopted'));
    assert.deepEqual(await shop.reopen().list(), [adopted]);
    assert.equal(await shop.ask('i-adopted', 'echo', 'alive'), 'alive');
    await shop.machines.remove('i-adopted');
  });

  test('a start that cannot be says why and leaves nothing', async () => {
    await assert.rejects(shop.machines.start(shop.spec('i-lost')), /i-lost did not start|no such file/i);
    await assert.rejects(shop.machines.start(shop.spec('../i')), /no name of a machine/);
    await assert.rejects(shop.machines.start(shop.spec('i-net', { network: '../x' })), /no name of a network namespace/);
    for (const { id } of await shop.machines.list()) await shop.machines.remove(id);
  });

  test('what a data directory that was emptied has left running is ended by the next Haneul, and leaves no directories', async () => {
    const lost = await openWorkshop();
    const directory = join(lost.directory, 'machines');
    const { cloud } = await runDirectoryOf(directory);
    const groups = async (): Promise<string[]> =>
      Array.fromAsync(glob([`/sys/fs/cgroup/haneul/${cloud}`, `/sys/fs/cgroup/*/haneul/${cloud}`]));
    await lost.start('i-lost-data');
    assert.equal(await hasRunDirectory(directory), true);
    assert.notDeepEqual(await groups(), []);
    await rm(directory, { recursive: true });
    assert.deepEqual(await lost.reopen().list(), []);
    assert.deepEqual([await hasRunDirectory(directory), await groups()], [false, []]);
    await lost.close();
    await eventually(async () => (await leftBehind(lost.directory)).length === 0);
  });
});
