/** Disks that strangers made: where the system lies, and that whatever is wrong with one is told of it and takes no more room than it has. */

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, open, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { DiskRefused, type DiskFormats } from '../../framework/disk-formats.ts';
import { openDisks, type DiskStore } from '../disks/disks.ts';
import { run } from '../programs.ts';
import { conversionObstacle } from './disk-conversions.ts';
import { openDiskFormats } from './disk-files.ts';
import { foreignObstacle } from './foreign.ts';
import { openImages } from './images.ts';

const [mebibyte, gibibyte] = [1024 ** 2, 1024 ** 3];
const obstacle = (await conversionObstacle()) ?? (await foreignObstacle());

void suite('disks of strangers', { skip: obstacle ?? false }, () => {
  let directory: string;
  let disks: DiskStore;
  let formats: DiskFormats;
  let made = 0;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'haneul-disks-'));
    disks = openDisks(join(directory, 'disks'), openImages(join(directory, 'images')));
    formats = openDiskFormats(join(directory, 'images'), disks);
    await mkdir(join(directory, 'disks'));
  });
  after(() => rm(directory, { recursive: true }));

  const newTree = async (...folders: string[]): Promise<string> => {
    const tree = join(directory, `tree-${++made}`);
    for (const folder of folders) await mkdir(join(tree, folder), { recursive: true });
    return tree;
  };

  /** A disk with a partition for each tree. */
  const diskOf = async (...partitions: { tree: string; mebibytes: number }[]): Promise<string> => {
    const id = `disk-${++made}`;
    await disks.create(id, { bytes: partitions.reduce((sum, { mebibytes }) => sum + mebibytes + 1, 1) * mebibyte });
    const table = Buffer.alloc(512);
    table.writeUInt16LE(0xaa55, 510);
    let start = mebibyte;
    for (const [at, { tree, mebibytes }] of partitions.entries()) {
      table[446 + at * 16 + 4] = 0x83;
      table.writeUInt32LE(start / 512, 446 + at * 16 + 8);
      table.writeUInt32LE((mebibytes * mebibyte) / 512, 446 + at * 16 + 12);
      await run('mkfs.ext4', ['-q', '-F', '-d', tree, '-E', `offset=${start}`, disks.path(id), `${mebibytes}m`]);
      start += (mebibytes + 1) * mebibyte;
    }
    await disks.write(id, 0, table);
    return id;
  };

  const refusal = async (work: Promise<unknown>, words: RegExp): Promise<void> =>
    assert.rejects(work, (error) => error instanceof DiskRefused && words.test(error.message));

  test('the system is found also where a larger file system is none', async () => {
    const disk = await diskOf({ tree: await newTree('photos'), mebibytes: 16 }, { tree: await newTree('etc', 'bin'), mebibytes: 8 });
    await formats.settle(disk, 'found');
    assert.equal((await disks.state('found'))?.bytes, gibibyte);
    await refusal(formats.settle(await diskOf({ tree: await newTree('photos'), mebibytes: 8 }), 'none'), /^Unknown OS.*None of its 1 /);
  });

  test('files with holes keep them', async () => {
    const tree = await newTree('etc', 'bin', 'var/log');
    await writeFile(join(tree, 'var/log/lastlog'), '');
    await truncate(join(tree, 'var/log/lastlog'), 3 * gibibyte);
    await formats.settle(await diskOf({ tree, mebibytes: 16 }), 'holed');
    assert.equal((await disks.state('holed'))?.bytes, gibibyte);
  });

  test('a system whose own files cannot be is refused', async () => {
    const round = await newTree('bin', 'etc');
    await symlink('lib', join(round, 'var'));
    await symlink('var', join(round, 'lib'));
    await refusal(formats.settle(await diskOf({ tree: round, mebibytes: 8 }), 'round'), /the links at \/.* do not end/);
    for (const name of ['passwd', 'fstab']) {
      const tree = await newTree('bin', 'etc');
      await writeFile(join(tree, 'etc', name), '');
      await truncate(join(tree, 'etc', name), 600 * mebibyte);
      await refusal(formats.settle(await diskOf({ tree, mebibytes: 8 }), name), new RegExp(`/etc/${name} is larger`));
    }
  });

  /** An OVA among the disks, made by tar. */
  const ovaOf = async (tree: string, ...parameters: string[]): Promise<string> => {
    const id = `ova-${++made}`;
    await run('tar', ['--create', '--file', disks.path(id), '--directory', tree, ...parameters]);
    return id;
  };

  test('the disks of an OVA are taken out, and none is larger than it', async () => {
    const tree = await newTree('');
    await writeFile(join(tree, 'a.ovf'), '<Envelope/>');
    await writeFile(join(tree, 'a.vmdk'), 'KDMV');
    assert.deepEqual(await formats.takeOut(await ovaOf(tree, 'a.ovf', 'a.vmdk'), 'taken'), ['taken-0']);
    assert.equal((await disks.read('taken-0', 0, 4)).toString(), 'KDMV');
    await truncate(join(tree, 'a.vmdk'), 64 * mebibyte);
    await refusal(formats.takeOut(await ovaOf(tree, '--sparse', 'a.ovf', 'a.vmdk'), 'swollen'), /cannot be taken out/);
    assert.ok(((await disks.state('swollen-0'))?.bytes ?? 0) < mebibyte);
  });

  test('an OVA whose list has no end is refused', async () => {
    const id = `ova-${++made}`;
    const file = await open(disks.path(id), 'w');
    const name = `${'n'.repeat(98)}/`;
    const head = Buffer.alloc(512);
    head.write(name);
    head.write('0000755\0', 100);
    head.write('00000000000\0', 124);
    head.write('00000000000\0', 136);
    head.write('        5', 148);
    head.write('ustar\x0000', 257);
    head.write(
      `${head
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, '0')}\0 `,
      148,
    );
    await file.writeFile(Buffer.alloc(90_000 * 512, head));
    await file.close();
    await refusal(formats.takeOut(id, 'endless'), /wrote more than/);
  });
});
