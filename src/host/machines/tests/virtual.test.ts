/** Real machines with kernels of their own on this host, on each emulator that is here: boot, jail, volumes, ends, adoption, nothing left behind. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, suite, test } from 'node:test';
import { MachineFailed } from '../../../framework/machines.ts';
import { run } from '../../programs.ts';
import { runDirectoryOf } from '../run-directory.ts';
import { emulatorsHere } from '../virtual/emulators.ts';
import type { EmulatorName } from '../virtual/record.ts';
import { openGuestPorts } from '../virtual/way-to-ports.ts';
import { openVirtualMachines, type VirtualMachines } from '../virtual/virtual.ts';
import { eventually, leftBehind, lies, needsRoot, openWorkshop, type Workshop } from './workshop.ts';

const mebibyte = 1024 * 1024;
const memoryBytes = 128 * mebibyte;
const packages = {
  uml: 'user-mode-linux',
  tcg: 'qemu-system-x86 and a kernel in /boot',
  kvm: 'a processor whose KVM runs guests, and QEMU',
};
const here = needsRoot === undefined ? await emulatorsHere() : [];

for (const [emulator, wanted] of Object.entries(packages) as [EmulatorName, string][])
  void suite(`machines of ${emulator}`, { skip: needsRoot ?? (here.includes(emulator) ? false : `SKIPPED: needs ${wanted}`) }, () =>
    machinesOf(emulator),
  );

function machinesOf(emulator: EmulatorName): void {
  let shop: Workshop;
  let machines: VirtualMachines;
  let directory: string;
  const open = async (): Promise<VirtualMachines> => {
    const means = { directory, directories: [directory], run: await runDirectoryOf(directory), disks: shop.disks, images: shop.images };
    return openVirtualMachines(means, async () => emulator);
  };
  const ask = async (id: string, ...command: string[]): Promise<string> => (await machines.execute(id, command)).output.toString().trim();
  const ended = (id: string) =>
    eventually(async () => {
      const state = await machines.look(id);
      return state?.state === 'ended' && state.how;
    });

  before(async () => {
    shop = await openWorkshop();
    directory = join(shop.directory, 'virtual');
    machines = await open();
    const inside = ['link add eth0 address 02:00:00:00:00:07 type veth peer name router', 'link set router up', 'link set eth0 up'];
    const addresses = ['address add 10.9.0.7/24 dev eth0', 'route add default via 10.9.0.1 dev eth0'];
    const second = [
      ...['link add eth1 address 02:00:00:00:00:08 type veth peer name router1', 'link set router1 up', 'link set eth1 up'],
      ...['address add 10.9.1.7/24 dev eth1', 'address add 10.9.1.8/32 dev eth1', 'route add default via 10.9.1.1 dev eth1 metric 101'],
    ];
    await run('ip', ['-n', shop.network, '-b', '-'], { input: `${[...inside, ...addresses, ...second].join('\n')}\n` });
  });
  after(async () => {
    for (const { id } of await machines.list()) await machines.remove(id);
    await shop.close();
    assert.deepEqual(await leftBehind(shop.directory), []);
  });

  test('a machine boots a kernel of its own and has the address of its interface', async () => {
    const { record } = await shop.images.open('haneul-tiny');
    await shop.disks.create('root-i-one', { bytes: record.bytes + 1024 * mebibyte, image: 'haneul-tiny' });
    await machines.start(shop.spec('i-one', { memoryBytes }));
    assert.equal(await ask('i-one', 'id', '-u'), '0');
    assert.notEqual(await ask('i-one', 'uname', '-r'), (await run('uname', ['-r'])).toString().trim());
    assert.match(await ask('i-one', 'ip', 'address', 'show', 'eth0'), /02:00:00:00:00:07[^]*10\.9\.0\.7\/24/);
    assert.match(await ask('i-one', 'ip', 'route'), /default via 10\.9\.0\.1/);
    const bySource = (await ask('i-one', 'ip', 'rule')).match(/\S+ lookup 10\d/g);
    assert.deepEqual(bySource, ['10.9.0.7 lookup 100', '10.9.1.7 lookup 101', '10.9.1.8 lookup 101']);
    for (const number of [0, 1])
      assert.match(await ask('i-one', 'ip', 'route', 'show', 'table', `10${number}`), new RegExp(`default via 10.9.${number}.1 dev eth`));
    assert.ok(Number(await ask('i-one', 'sh', '-c', 'df -m / | tail -n 1 | awk "{print \\$2}"')) > 8.5 * 1024, 'the file system has grown');
    assert.ok(Number(await ask('i-one', 'sh', '-c', 'free -m | awk "/Mem/{print \\$2}"')) <= 128);
    await machines.limitProcessors('i-one', 0.9);
    assert.ok((await machines.processorSeconds('i-one'))! > 0);
  });

  test('its emulator is nobody on the host, sees no more than it needs, and has the limits of the machine', async () => {
    const [state] = await machines.list();
    assert.ok(state?.state === 'running');
    const process_ = state.process;
    const status = await readFile(`/proc/${process_}/status`, 'utf8');
    assert.match(status, /^Uid:\t(8053063\d\d)\t\1\t\1\t\1$/m);
    assert.match(status, /^CapEff:\t0+$/m);
    assert.match(status, /^NoNewPrivs:\t1$/m);
    assert.match(status, /^NSpid:\t\d+\t1$/m);
    const seen = await readdir(`/proc/${process_}/root`);
    assert.deepEqual(
      seen.filter((name) => ['home', 'root', 'var', 'run', 'sys', 'boot', 'old'].includes(name)),
      [],
    );
    assert.deepEqual(
      (await readdir(`/proc/${process_}/root/volumes`)).filter((name) => name.length === 1),
      ['a'],
    );
    const [group] = /(?<=[:,]memory[^:]*:|^0::)\/haneul\/.*$/m.exec(await readFile(`/proc/${process_}/cgroup`, 'utf8')) ?? [];
    assert.match(group ?? '', /\/i-one$/);
  });

  test('a volume comes and goes while it runs', async () => {
    await shop.disks.create('vol-data', { bytes: 16 * mebibyte });
    await machines.attach('i-one', '/dev/sdf', 'vol-data');
    await machines.attach('i-one', '/dev/sdf', 'vol-data');
    await ask('i-one', 'sh', '-c', 'while ! [ -b /dev/sdf ]; do sleep 0.1; done; printf written > /dev/sdf; sync');
    await machines.detach('i-one', '/dev/sdf');
    assert.equal((await shop.disks.read('vol-data', 0, 7)).toString(), 'written');
    assert.match(
      await ask(
        'i-one',
        'sh',
        '-c',
        'i=0; while [ -b /dev/sdf ] && [ $i -lt 50 ]; do sleep 0.1; i=$((i+1)); done; [ -b /dev/sdf ] || echo gone',
      ),
      /gone/,
    );
    await assert.rejects(machines.attach('i-one', '/dev/../sdf', 'vol-data'), /no name of a device/);
    await assert.rejects(machines.attach('i-one', '/dev/sda', 'vol-data'), /no name of a device/);
  });

  test('a volume that grows is seen to have grown: at once, or when it comes again', async () => {
    await shop.disks.create('vol-growing', { bytes: 16 * mebibyte });
    await machines.attach('i-one', '/dev/sdh', 'vol-growing');
    const size = (bytes: number): Promise<string> =>
      ask('i-one', 'sh', '-c', `while [ "$(blockdev --getsize64 /dev/sdh 2>/dev/null)" != ${bytes} ]; do sleep 0.1; done; echo seen`);
    assert.equal(await size(16 * mebibyte), 'seen');
    await shop.disks.grow('vol-growing', 32 * mebibyte);
    await machines.grown('i-one', 'vol-growing');
    if (emulator === 'uml') {
      await machines.detach('i-one', '/dev/sdh');
      await machines.attach('i-one', '/dev/sdh', 'vol-growing');
    }
    assert.equal(await size(32 * mebibyte), 'seen');
    await machines.grown('i-one', 'vol-unknown');
    await machines.detach('i-one', '/dev/sdh');
  });

  test('interfaces and addresses come and go while it runs', async () => {
    const inNetwork = (...lines: string[]) => run('ip', ['-n', shop.network, '-b', '-'], { input: `${lines.join('\n')}\n` });
    const links = async (): Promise<string> => (await run('ip', ['-n', shop.network, 'link'])).toString();
    const seen = (word: string, isThere: boolean): Promise<true> =>
      eventually(async () => {
        await machines.list();
        return (await ask('i-one', 'ip', 'address')).includes(word) === isThere;
      }) as Promise<true>;
    await assert.rejects(machines.plug('i-one', 'eth2'), MachineFailed);
    const second = ['link add eth2 address 02:00:00:00:00:09 type veth peer name router2', 'link set router2 up', 'link set eth2 up'];
    await inNetwork(...second, 'address add 10.9.2.8/24 dev eth2', 'route add default via 10.9.2.1 dev eth2 metric 102');
    await machines.plug('i-one', 'eth2');
    await machines.plug('i-one', 'eth2');
    await seen('10.9.2.8/24', true);
    await eventually(async () => (await ask('i-one', 'ip', 'rule')).includes('from 10.9.2.8 lookup 102'));
    // As a network does it that gives an interface its first address of IPv6.
    await run('ip', ['netns', 'exec', shop.network, 'sysctl', '-q', '-w', 'net.ipv6.conf.eth0.disable_ipv6=0']);
    await inNetwork('address add fd12::7/128 dev eth0 nodad', 'route add ::/0 via fe80::1 dev eth0 metric 100 onlink');
    await inNetwork('address add 10.9.2.9/32 dev eth2');
    await seen('fd12::7/128', true);
    assert.match(await ask('i-one', 'ip', '-6', 'route'), /default via fe80::1 dev eth0/);
    await seen('10.9.2.9/32', true);
    await inNetwork('address del 10.9.2.9/32 dev eth2');
    await seen('10.9.2.9/32', false);
    machines = await open();
    await eventually(async () => (await machines.unplug('i-one', 'eth2')) === 'gone');
    assert.equal(await machines.unplug('i-one', 'eth2'), 'gone');
    await seen('02:00:00:00:00:09', false);
    assert.match(await links(), /02:00:00:00:00:09/);
    assert.doesNotMatch(await links(), /tap-eth2|br-eth2/);
    await inNetwork('link del eth2');
    assert.match(await ask('i-one', 'ip', 'address', 'show', 'eth0'), /10\.9\.0\.7\/24/);
    // With the last address its ways went; they come back with it.
    await inNetwork('address del 10.9.0.7/24 dev eth0');
    await seen('10.9.0.7/24', false);
    await inNetwork('address add 10.9.0.7/24 dev eth0', 'route add default via 10.9.0.1');
    await seen('10.9.0.7/24', true);
    assert.match(await ask('i-one', 'ip', 'route'), /default via 10\.9\.0\.1 dev eth0/);
  });

  test('a volume is as fast as its limits say, and no faster', async () => {
    await shop.disks.create('vol-slow', { bytes: 64 * mebibyte });
    await shop.disks.limit('vol-slow', { operationsPerSecond: 10_000, bytesPerSecond: 4 * mebibyte });
    await machines.attach('i-one', '/dev/sdg', 'vol-slow');
    const seconds = async (command: string): Promise<number> => {
      const begun = process.hrtime.bigint();
      assert.equal(
        await ask('i-one', 'sh', '-c', `while ! [ -b /dev/sdg ]; do sleep 0.1; done; ${command} 2>/dev/null && echo done`),
        'done',
      );
      return Number(process.hrtime.bigint() - begun) / 1e9;
    };
    assert.ok((await seconds('dd if=/dev/sdg of=/dev/null bs=64k count=128')) > 1.5, '8 MiB were read at once');
    assert.ok((await seconds('dd if=/dev/zero of=/dev/sdg bs=64k count=128 conv=fsync')) > 1.5, '8 MiB were written at once');
    await machines.detach('i-one', '/dev/sdg');
  });

  test('its ports are reached from its host, and nothing stays of the way', async () => {
    await ask('i-one', 'sh', '-c', 'busybox nc -ll -p 7777 -e cat >/dev/null 2>&1 &');
    const ports = await openGuestPorts(shop.network);
    try {
      const socket = await eventually(async () => ports.connect(7777).catch(() => false as const));
      socket.end('x'.repeat(100_000));
      assert.equal((await text(socket)).length, 100_000);
      await assert.rejects(ports.connect(7779), { message: 'ECONNREFUSED' });
    } finally {
      ports.close();
    }
    await eventually(async () => !(await run('ip', ['-n', shop.network, 'link'])).toString().includes('way-'));
  });

  test('words of a command stay what they are', async () => {
    const { code, output } = await machines.execute('i-one', [
      'sh',
      '-c',
      'printf "%s|" "$@"; cat; exit 3',
      'x',
      "it's",
      'a  b',
      '$HOME',
      '',
    ]);
    assert.deepEqual([code, output.toString()], [3, "it's|a  b|$HOME||"]);
    assert.equal((await machines.execute('i-one', ['cat'], { input: 'ä'.repeat(5000) })).output.toString(), 'ä'.repeat(5000));
  });

  test('a later Haneul adopts it after kill -9', async () => {
    const before_ = await machines.list();
    const parts = ['../../images/images.ts', '../../disks/disks.ts', '../virtual/virtual.ts', '../run-directory.ts'].map((part) =>
      JSON.stringify(join(import.meta.dirname, part)),
    );
    const code = `
      const [{ openImages }, { openDisks }, { openVirtualMachines }, { runDirectoryOf }] = await Promise.all([${parts.map((part) => `import(${part})`).join()}]);
      const [shop, directory] = ${JSON.stringify([shop.directory, directory])};
      const images = openImages(shop + '/images');
      const disks = openDisks(shop + '/disks', images);
      const machines = await openVirtualMachines({ directory, directories: [directory], run: await runDirectoryOf(directory), disks, images }, async () => '${emulator}');
      await machines.start(${JSON.stringify(shop.spec('i-one', { memoryBytes }))});
      process.kill(process.pid, 'SIGKILL');`;
    const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', code], { stdio: ['ignore', 'inherit', 'inherit'] });
    assert.deepEqual(await once(child, 'exit'), [null, 'SIGKILL']);
    machines = await open();
    assert.deepEqual(await machines.list(), before_);
    assert.equal(await ask('i-one', 'echo', 'alive'), 'alive');
  });

  test('a reboot from inside ends it, to be started with the settings of then', async () => {
    await ask('i-one', 'sh', '-c', 'echo rebooted > /root/word; (sleep 2; reboot) >/dev/null 2>&1 &');
    assert.deepEqual(await ended('i-one'), { kind: 'reboot' });
    await machines.start(shop.spec('i-one', { memoryBytes: memoryBytes + 16 * mebibyte }));
    assert.equal(await ask('i-one', 'cat', '/root/word'), 'rebooted');
    // It has the addresses of its network from its first moment.
    assert.match(await ask('i-one', 'ip', 'address', 'show', 'eth0'), /fd12::7\/128/);
  });

  test('a kernel that panics ends it; the next one is not disturbed at its start', async () => {
    await ask('i-one', 'sh', '-c', '(sleep 2; echo c > /proc/sysrq-trigger) >/dev/null 2>&1 &');
    const how = await ended('i-one');
    if (emulator === 'uml') assert.match(how.kind === 'failed' ? how.reason : how.kind, /the emulator ended with signal 31/);
    else assert.deepEqual(how, { kind: 'reboot' });
    await machines.start(shop.spec('i-one', { memoryBytes }));
    // A volume that comes when its kernel has just begun is there when it has booted.
    await shop.disks.create('vol-early', { bytes: 16 * mebibyte });
    await machines.attach('i-one', '/dev/sdg', 'vol-early');
    await ask('i-one', 'sh', '-c', 'while ! [ -b /dev/sdg ]; do sleep 0.1; done');
    await machines.detach('i-one', '/dev/sdg');
  });

  test('the power button shuts it down, and what it wrote is there at the next start', async () => {
    await ask('i-one', 'sh', '-c', 'echo kept > /root/file');
    await machines.shutDown('i-one', 60_000);
    assert.deepEqual(await ended('i-one'), { kind: 'halted' });
    await machines.start(shop.spec('i-one', { memoryBytes }));
    assert.equal(await ask('i-one', 'cat', '/root/file'), 'kept');
    await machines.kill('i-one');
    assert.deepEqual(await machines.look('i-one'), { id: 'i-one', state: 'ended', how: { kind: 'killed' } });
    const links = (await run('ip', ['-n', shop.network, 'link'])).toString();
    assert.match(links, /02:00:00:00:00:07/);
    assert.doesNotMatch(links, /tap-eth0|br-eth0/);
  });

  test('its volumes may be encrypted, the root too: nothing of them lies on the host', async () => {
    const key = randomBytes(32);
    const { record } = await shop.images.open('haneul-tiny');
    await shop.disks.create('root-i-sealed', { bytes: record.bytes + 1024 * mebibyte, image: 'haneul-tiny', key });
    await shop.disks.create('vol-sealed', { bytes: 16 * mebibyte, key });
    const spec = shop.spec('i-sealed', { memoryBytes, disks: { '/dev/sdf': 'vol-sealed' } });
    await machines.start(spec);
    await ask(
      'i-sealed',
      'sh',
      '-c',
      'for at in $(seq 1 2000); do echo tell nobody; done > /root/secret; cat /root/secret > /dev/sdf; sync',
    );
    await machines.shutDown('i-sealed', 60_000);
    assert.deepEqual(await ended('i-sealed'), { kind: 'halted' });
    await machines.start(spec);
    assert.equal(await ask('i-sealed', 'sh', '-c', 'wc -l < /root/secret; head -c 11 /dev/sdf'), '2000\ntell nobody');
    await machines.remove('i-sealed');
    assert.equal((await shop.disks.read('vol-sealed', 0, 11)).toString(), 'tell nobody');
    for (const disk of ['root-i-sealed', 'vol-sealed']) assert.equal(await lies(shop, disk, 'tell nobody'), false);
  });

  test('it hibernates where its emulator can: what it had in memory is there again', async () => {
    const key = randomBytes(32);
    const { record } = await shop.images.open('haneul-tiny');
    await shop.disks.create('root-i-sleeper', { bytes: record.bytes, image: 'haneul-tiny', key });
    const spec = shop.spec('i-sleeper', { memoryBytes, ...(emulator !== 'uml' && { hibernates: true }) });
    await machines.start(spec);
    await ask('i-sleeper', 'sh', '-c', 'echo tell nobody at all > /run/kept; (sleep 86399 &) >/dev/null 2>&1');
    if (emulator === 'uml') {
      await assert.rejects(machines.hibernate('i-sleeper'), /user-mode-linux cannot/);
      assert.equal(await ask('i-sleeper', 'cat', '/run/kept'), 'tell nobody at all');
      return machines.remove('i-sleeper');
    }
    const uptime = Number(await ask('i-sleeper', 'cut', '-d.', '-f1', '/proc/uptime'));
    await machines.hibernate('i-sleeper');
    assert.deepEqual(await machines.look('i-sleeper'), { id: 'i-sleeper', state: 'ended', how: { kind: 'killed' } });
    assert.equal(await lies(shop, 'memory-i-sleeper', 'tell nobody at all'), false);
    assert.ok((await shop.disks.state('memory-i-sleeper'))!.allocatedBytes > 8 * mebibyte);
    machines = await open();
    await machines.start(spec);
    assert.equal(await ask('i-sleeper', 'cat', '/run/kept'), 'tell nobody at all');
    assert.match(await ask('i-sleeper', 'ps'), /sleep 86399/);
    assert.ok(Number(await ask('i-sleeper', 'cut', '-d.', '-f1', '/proc/uptime')) >= uptime, 'it has booted');
    assert.ok(Math.abs(Number(await ask('i-sleeper', 'date', '+%s')) - Date.now() / 1000) < 60, 'its clock is behind');
    assert.equal(await shop.disks.state('memory-i-sleeper'), undefined);
    // Other memory is another machine: it boots.
    await machines.hibernate('i-sleeper');
    await machines.start({ ...spec, memoryBytes: memoryBytes + 32 * mebibyte });
    assert.equal(await ask('i-sleeper', 'sh', '-c', 'cat /run/kept 2>/dev/null || echo forgotten'), 'forgotten');
    await machines.hibernate('i-sleeper');
    await machines.remove('i-sleeper');
    assert.equal(await shop.disks.state('memory-i-sleeper'), undefined);
  });

  test('one that cannot be started says why', async () => {
    await assert.rejects(machines.start(shop.spec('../i')), MachineFailed);
    await assert.rejects(machines.start(shop.spec('i-none', { memoryBytes })), /i-none|no such file/);
    await assert.rejects(machines.start(shop.spec('i-host', { image: 'haneul-host', memoryBytes })), /stands on the host's \/usr/);
  });

  test('an emulator whose machine nobody knows is ended by the next Haneul', async () => {
    await machines.start(shop.spec('i-one', { memoryBytes }));
    const state = await machines.look('i-one');
    await rm(directory, { recursive: true });
    machines = await open();
    assert.ok(state?.state === 'running');
    await eventually(async () => !(await readdir('/proc')).includes(String(state.process)));
  });
}
