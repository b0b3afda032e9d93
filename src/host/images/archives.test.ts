/** Archives from elsewhere: what they hold, how layers lie over each other, and that nothing of them gets out of its tree. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstat, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { ImageRefused, unpackLayout, unpackTar } from './archives.ts';
import { directoryIn, placeIn, putIn } from './place.ts';

let place: string;
let made = 0;
before(async () => {
  place = await mkdtemp(join(tmpdir(), 'haneul-archives-'));
});
after(() => rm(place, { recursive: true }));

async function directory(): Promise<string> {
  const path = join(place, String(++made));
  await mkdir(path);
  return path;
}

/** A tar of given members by Python, which writes what it is told: texts, and links by `->`. */
async function tarOf(members: readonly (readonly [name: string, content: string])[]): Promise<Buffer> {
  const path = join(place, `${++made}.tar`);
  const script = [
    'import io, json, sys, tarfile',
    'with tarfile.open(sys.argv[1], "w") as tar:',
    '    for name, content in json.load(sys.stdin):',
    '        one = tarfile.TarInfo(name)',
    '        if content.startswith("-> "):',
    '            one.type, one.linkname = tarfile.SYMTYPE, content[3:]',
    '            tar.addfile(one)',
    '        else:',
    '            one.size = len(content)',
    '            tar.addfile(one, io.BytesIO(content.encode()))',
  ].join('\n');
  execFileSync('/usr/bin/python3', ['-c', script, path], { input: JSON.stringify(members) });
  return readFile(path);
}

test('a tar is unpacked as it is, packed with gzip, or with zstd', async () => {
  const tar = await tarOf([['bin/tool', 'of it']]);
  for (const bytes of [tar, gzipSync(tar), zstdCompressSync(tar)]) {
    const [file, into] = [join(place, `${++made}`), await directory()];
    await writeFile(file, bytes);
    let told = 0;
    await unpackTar(file, into, (count) => (told += count));
    assert.equal(await readFile(join(into, 'bin/tool'), 'utf8'), 'of it');
    assert.equal(told, bytes.length);
  }
});

test('what is no tar, is cut off, or leads out is refused, and nothing is written outside', async () => {
  const outside = join(place, 'outside');
  const refuse = async (bytes: Buffer, words: RegExp): Promise<void> => {
    const [file, into] = [join(place, `${++made}`), await directory()];
    await writeFile(file, bytes);
    await assert.rejects(unpackTar(file, into), (error) => error instanceof ImageRefused && words.test(error.message));
    await assert.rejects(lstat(outside), { code: 'ENOENT' });
  };
  await refuse(Buffer.from('this is no archive at all, only words'.repeat(100)), /refused/);
  await refuse(gzipSync(await tarOf([['a', 'x'.repeat(100_000)]])).subarray(0, 60), /broken|refused/);
  await refuse(await tarOf([['../outside', 'out']]), /contains '\.\.'/);
  await refuse(
    await tarOf([
      ['door', `-> ${place}`],
      ['door/outside', 'out'],
    ]),
    /refused/,
  );
});

test('layers lie over each other: later files win, whiteouts take away, and no link of one leads another out', async () => {
  const layout = await directory();
  await mkdir(join(layout, 'blobs/sha256'), { recursive: true });
  const blob = async (bytes: Buffer): Promise<{ digest: string; size: number }> => {
    const hex = createHash('sha256').update(bytes).digest('hex');
    await writeFile(join(layout, 'blobs/sha256', hex), bytes);
    return { digest: `sha256:${hex}`, size: bytes.length };
  };
  const escape = await directory();
  const layers = [
    await tarOf([
      ['etc/name', 'first'],
      ['etc/gone', 'x'],
      ['opt/a', 'a'],
      ['door', `-> ${escape}`],
      ['dir/file', 'below'],
    ]),
    await tarOf([
      ['etc/name', 'second'],
      ['etc/.wh.gone', ''],
      ['opt/.wh..wh..opq', ''],
      ['opt/b', 'b'],
      ['door/stolen', 'out'],
      ['dir', '-> etc'],
    ]),
  ];
  const described = [];
  for (const layer of layers) described.push(await blob(gzipSync(layer)));
  const arch = process.arch === 'arm64' ? 'arm64' : 'amd64';
  const manifest = await blob(Buffer.from(JSON.stringify({ layers: described })));
  const index = {
    manifests: [
      { ...manifest, platform: { os: 'linux', architecture: 'sparc' } },
      { ...manifest, platform: { os: 'linux', architecture: arch } },
    ],
  };
  await writeFile(join(layout, 'index.json'), JSON.stringify(index));
  const into = await directory();
  await unpackLayout(layout, into, await directory());
  assert.equal(await readFile(join(into, 'etc/name'), 'utf8'), 'second');
  assert.deepEqual((await readdir(join(into, 'etc'))).sort(), ['name']);
  assert.deepEqual(await readdir(join(into, 'opt')), ['b']);
  assert.ok((await lstat(join(into, 'door'))).isDirectory(), 'a directory takes the place of the link');
  assert.deepEqual(await readdir(escape), []);
  assert.ok((await lstat(join(into, 'dir'))).isSymbolicLink());
  await writeFile(join(layout, 'blobs/sha256', described[0]!.digest.slice(7)), gzipSync(await tarOf([['etc/name', 'forged']])));
  await assert.rejects(unpackLayout(layout, await directory(), await directory()), /not what its digest says/);
  await writeFile(join(layout, 'index.json'), JSON.stringify({ manifests: [{ digest: 'sha256:../../../etc/passwd', size: 1 }] }));
  await assert.rejects(unpackLayout(layout, await directory(), await directory()), /is no digest/);
});

test('what is written into a tree stays in it, wherever its links lead', async () => {
  const [tree, outside] = [await directory(), await directory()];
  await symlink(outside, join(tree, 'etc'));
  await symlink('../../../../../..', join(tree, 'up'));
  await symlink('round', join(tree, 'round'));
  await writeFile(join(tree, 'file'), '');
  await putIn(tree, 'etc/resolv.conf', 'inside');
  await putIn(tree, `up${outside}/name`, 'inside');
  assert.deepEqual(await readdir(outside), []);
  assert.equal(await readFile(join(tree, outside, 'resolv.conf'), 'utf8'), 'inside');
  assert.equal(await readFile(join(tree, outside, 'name'), 'utf8'), 'inside');
  await symlink(join(outside, 'target'), join(tree, 'link'));
  await putIn(tree, 'link', 'a file now');
  assert.deepEqual(await readdir(outside), []);
  await assert.rejects(placeIn(tree, 'round/x'), /do not end/);
  await assert.rejects(directoryIn(tree, 'file/below'), /is no directory/);
});
